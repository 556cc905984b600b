// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reelmill {

/// All of a small regular file, byte for byte. The message names no path: it is a half sentence
/// such as `is a directory`, `cannot be read: permission denied`, `is larger than 1 MB`.
/// Errors: not_found, denied, invalid_input (no regular file, larger than `limit` bytes),
/// unavailable.
Result<std::string> read_small_file(const std::filesystem::path& path, std::size_t limit);

/// Why a text is no text, and in which line (1-based).
struct TextFault {
  int line = 0;
  std::string message;
};

/// The first byte that is not UTF-8, or a control character other than tab and line ends.
std::optional<TextFault> find_text_fault(std::string_view text);

}  // namespace reelmill
