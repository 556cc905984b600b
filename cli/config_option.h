// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "pipeline/spec.h"

namespace reelmill {

/// Reads a configuration for a run into `output`; says every problem on `err`. Empty when there
/// were any but warnings.
std::optional<PipelineSpec> load_or_complain(const std::string& config,
                                             const std::filesystem::path& output,
                                             std::ostream& err);

}  // namespace reelmill
