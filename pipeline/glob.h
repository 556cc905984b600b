// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reelmill {

/// Does `path` (relative, `/` between folders) match the pattern? `*`, `?` and `[...]` stay within
/// one name, `**` stands for any number of folders, also none. A pattern without `/` is held
/// against the last name.
bool glob_matches(std::string_view pattern, std::string_view path);

bool matches_any(const std::vector<std::string>& patterns, std::string_view path);

}  // namespace reelmill
