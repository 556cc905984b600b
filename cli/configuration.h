// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "pipeline/config.h"

namespace reelmill {

/// Loads a configuration; says every problem and warning on `err`, a line each. nullopt when there
/// was a problem: the command then ends with ExitCode::usage.
std::optional<PipelineSpec> load_or_explain(const std::string& file, const ConfigSettings& settings,
                                            std::ostream& err);

}  // namespace reelmill
