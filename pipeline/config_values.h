// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "stages/api/config_node.h"

namespace reelmill {

/// Where `${NAME}` gets its value from; nullopt = not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of this process.
std::optional<std::string> process_environment(const std::string& name);

/// Fills in `${NAME}` in every scalar of `tree`, and `${file:PATH}` where it is the whole value:
/// the content of a file without its last line end, PATH relative to `folder`. `$${` stands for a
/// plain `${`. What was filled in is marked as secret. Keys are left alone. Every name that is not
/// set, every unfinished `${` and every file that cannot be read is a problem.
void fill_in_values(ConfigNode& tree, const Environment& environment,
                    const std::filesystem::path& folder, const ProblemSink& sink);

}  // namespace reelmill
