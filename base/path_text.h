// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace reelmill {

/// A file name as UTF-8 text, reversibly: a byte that is not part of valid UTF-8 becomes `\xNN`, a
/// backslash `\\`.
std::string path_to_text(std::string_view bytes);

/// The inverse of path_to_text.
std::string text_to_path(std::string_view text);

/// A message as UTF-8: bytes that are not part of it become `\xNN`, all else stays.
std::string valid_utf8(std::string_view bytes);

/// For a line of text: like path_to_text, with control characters as `\xNN` too, so that a name
/// stays on its line.
std::string path_to_line(std::string_view bytes);

/// Whether all of it is UTF-8 as RFC 3629 defines it.
bool is_utf8(std::string_view bytes);

}  // namespace reelmill
