// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace reelmill {

/// Shields arguments from CLI11, which would take `[a,b]` for a list of two, `++` for the end of a
/// command, and mixes up a `--` that follows a positional. The shield is one byte in front, which
/// unshield_values() takes away again once CLI11 has sorted the arguments.
std::vector<std::string> shield_arguments(const std::vector<std::string>& arguments);

/// Makes every option of `app` and of its commands give back what shield_arguments() was given.
void unshield_values(CLI::App& app);

}  // namespace reelmill
