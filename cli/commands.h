// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reelmill {

class Program;

// One file a command: cli/NAME.cpp defines add_NAME, and commands.cpp calls it.
void add_bench(Program& program);
void add_duplicates(Program& program);
void add_plan(Program& program);
void add_report(Program& program);
void add_retry(Program& program);
void add_run(Program& program);
void add_stages(Program& program);
void add_status(Program& program);
void add_validate(Program& program);
void add_verify(Program& program);

/// All commands, in the order in which the help lists them.
void add_commands(Program& program);

}  // namespace reelmill
