// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace reelmill {

void add_commands(Program& program) {
  add_run(program);
  add_plan(program);
  add_validate(program);
  add_stages(program);
  add_status(program);
  add_retry(program);
  add_verify(program);
  add_report(program);
  add_duplicates(program);
  add_bench(program);
}

}  // namespace reelmill
