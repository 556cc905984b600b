// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/result.h"
#include "stages/api/registry.h"

namespace reelmill {

/// Loads a shared library with stages of a user's own and adds them to `registry`. This runs the
/// library's code. The library stays loaded until the process ends; loading the same file again
/// changes nothing. Not thread-safe: load before the registry is read by others.
/// Errors, each with nothing added: not_found; invalid_input (not a shared library, not a plugin,
/// built for another stage API, a stage name that is taken, nothing in it); internal (it threw).
Status load_plugin(const std::filesystem::path& file, Registry& registry);

}  // namespace reelmill
