// SPDX-License-Identifier: Apache-2.0
#include "base/path_text.h"

#include <spdlog/fmt/fmt.h>

namespace reelmill {
namespace {

/// Bytes of the valid UTF-8 sequence at the start of `text` (RFC 3629), or 0.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

enum class Escape { invalid, invalid_and_backslash, all_that_breaks_a_line };

std::string escaped(std::string_view bytes, Escape what) {
  const bool controls_too = what == Escape::all_that_breaks_a_line;
  std::string text;
  while (!bytes.empty()) {
    const auto lead = static_cast<unsigned char>(bytes.front());
    const auto length = utf8_length(bytes);
    if (lead == '\\' && what != Escape::invalid) {
      text += "\\\\";
    } else if (length == 0 || (controls_too && (lead < 0x20 || lead == 0x7F))) {
      text += fmt::format("\\x{:02x}", lead);
    } else {
      text += bytes.substr(0, length);
    }
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return text;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string path_to_text(std::string_view bytes) {
  return escaped(bytes, Escape::invalid_and_backslash);
}

std::string valid_utf8(std::string_view bytes) {
  return escaped(bytes, Escape::invalid);
}

std::string path_to_line(std::string_view bytes) {
  return escaped(bytes, Escape::all_that_breaks_a_line);
}

std::string text_to_path(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    if (text.starts_with("\\\\")) {
      bytes += '\\';
      text.remove_prefix(2);
    } else if (text.size() >= 4 && text.starts_with("\\x") && hex_digit(text[2]) >= 0 &&
               hex_digit(text[3]) >= 0) {
      bytes += static_cast<char>(hex_digit(text[2]) * 16 + hex_digit(text[3]));
      text.remove_prefix(4);
    } else {
      bytes += text.front();
      text.remove_prefix(1);
    }
  }
  return bytes;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto length = utf8_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace reelmill
