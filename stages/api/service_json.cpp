// SPDX-License-Identifier: Apache-2.0
#include "stages/api/service_json.h"

#include <array>

namespace reelmill {
namespace {

constexpr std::size_t kDeepest = 64, kMostMembers = 1000;

/// Reads brackets and colons outside of texts only: what is no JSON is the parser's to refuse.
Status check_size(std::string_view text) {
  std::array<std::size_t, kDeepest + 1> members{};
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '"':
        for (++i; i < text.size() && text[i] != '"'; ++i)
          if (text[i] == '\\') ++i;
        break;
      case '[':
      case '{':
        if (++depth > kDeepest)
          return fail(ErrorKind::internal, "is JSON nested deeper than {}", kDeepest);
        members[depth] = 0;
        break;
      case ']':
      case '}':
        if (depth > 0) --depth;
        break;
      case ':':
        if (++members[depth] > kMostMembers)
          return fail(ErrorKind::internal, "is JSON with more than {} members in one object",
                      kMostMembers);
        break;
      default:
        break;
    }
  }
  return {};
}

}  // namespace

Result<Json> parse_service_json(std::string_view text) {
  REELMILL_TRY(check_size(text));
  auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(ErrorKind::internal, "is no JSON");
  return json;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return std::string(text.substr(0, most)) + "...";
}

}  // namespace reelmill
