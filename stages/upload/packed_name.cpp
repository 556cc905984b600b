// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/packed_name.h"

#include <string_view>

#include "base/digest.h"

namespace reelmill {
namespace {

// A file system's name has at most 255 bytes: key, dot and kind fit in.
constexpr std::size_t kLongestKeyPart = 130, kLongestKind = 120;
constexpr std::size_t kDigest = 24;

std::string encoded(std::string_view bytes, std::string_view further) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const bool is_plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (is_plain || further.find(c) != further.npos) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

std::string limited(std::string text, std::size_t longest) {
  if (text.size() <= longest) return text;
  const auto digest = sha256_hex(text).substr(0, kDigest);
  return text.substr(0, longest - kDigest - 1) + "~" + digest;
}

std::string key_of(std::string_view video) {
  std::string key;
  for (;;) {
    const auto slash = video.find('/');
    auto part = encoded(video.substr(0, slash), "");
    // Readers of WebDataset pass over names like __this__.
    if (part.starts_with("__")) part.replace(0, 1, "%5f");
    key += limited(std::move(part), kLongestKeyPart);
    if (slash == video.npos) return key;
    key += '/';
    video.remove_prefix(slash + 1);
  }
}

std::string kind_of(const CallItem& item) {
  const auto artifacts = "artifacts/" + item.video + "/";
  if (item.name == "results/" + item.video + ".json") return "json";
  if (!item.name.starts_with(artifacts))
    return limited("%2f" + encoded(item.name, "."), kLongestKind);
  auto kind = encoded(std::string_view(item.name).substr(artifacts.size()), ".");
  if (kind == "json") kind = "%6ason";  // that one is the results'
  return limited(std::move(kind), kLongestKind);
}

}  // namespace

PackedName packed_name(const CallItem& item) {
  return {key_of(item.video), kind_of(item)};
}

}  // namespace reelmill
