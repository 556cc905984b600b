// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/exit_code.h"
#include "pipeline/run_options.h"
#include "pipeline/spec.h"

namespace reelmill {

class Program;

/// Says what a run would do with every video. Writes nothing.
ExitCode show_plan(const PipelineSpec& spec, const RunOptions& options, const Program& program);

}  // namespace reelmill
