// SPDX-License-Identifier: Apache-2.0
#include "pipeline/output_paths.h"

#include <algorithm>
#include <climits>
#include <cstddef>
#include <system_error>

#include "base/atomic_file.h"
#include "base/digest.h"

namespace reelmill {
namespace {

constexpr std::size_t kDigestDigits = 32;  // 128 bits: no two names meet by chance
/// Leaves 1000 bytes of PATH_MAX for the output folder's own path.
constexpr std::size_t kLongestKey = PATH_MAX - 1096;
constexpr std::string_view kResultsEnding = ".json", kTimelineEnding = ".timeline";

/// The first `size` bytes or fewer, never the middle of a UTF-8 sequence.
std::string_view beginning(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  auto end = size;
  while (end > 0 && size - end < 3 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

bool is_digit_of_digest(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// Looks like something that `replaced` made.
bool is_replacement(std::string_view name) {
  if (!name.starts_with('~') || name.size() < kDigestDigits + 2) return false;
  const auto digest = name.substr(name.size() - kDigestDigits);
  return name[name.size() - kDigestDigits - 1] == '~' &&
         std::all_of(digest.begin(), digest.end(), is_digit_of_digest);
}

bool is_file_name(std::string_view name, std::size_t longest) {
  return !name.empty() && name != "." && name != ".." && name.size() <= longest &&
         name.find('\0') == name.npos && name.find('/') == name.npos &&
         !name.starts_with(kTemporaryPrefix);
}

std::string replaced(std::string_view name, std::string_view digested, std::size_t longest) {
  std::string start(beginning(name, longest - kDigestDigits - 2));
  std::replace(start.begin(), start.end(), '\0', '_');
  return "~" + start + "~" + sha256_hex(digested).substr(0, kDigestDigits);
}

/// The key as a path, each part as it is where that can be.
std::string key_as_path(std::string_view key, std::string_view ending) {
  std::string path;
  const auto longest_last = NAME_MAX - ending.size();
  for (std::string_view rest = key;;) {
    const auto slash = rest.find('/');
    const auto name = rest.substr(0, slash);
    const bool is_last = slash == rest.npos;
    const auto longest = is_last ? longest_last : static_cast<std::size_t>(NAME_MAX);
    const bool is_plain =
        is_file_name(name, longest) && !is_replacement(name) &&
        (is_last || !(name.ends_with(kResultsEnding) || name.ends_with(kTimelineEnding)));
    path += is_plain ? std::string(name) : replaced(name, name, longest);
    if (is_last && path.size() > kLongestKey) path = replaced(name, key, longest);
    if (is_last) return path + std::string(ending);
    path += '/';
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace

std::filesystem::path absolute_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  const auto absolute = std::filesystem::absolute(folder, ignored).lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

std::string results_file(std::string_view key) {
  return "results/" + key_as_path(key, kResultsEnding);
}

std::string timeline_file(std::string_view key) {
  return "timelines/" + key_as_path(key, kTimelineEnding);
}

std::string artifacts_folder(std::string_view key) {
  return "artifacts/" + key_as_path(key, "");
}

bool is_artifact_name(std::string_view name) {
  for (;;) {
    const auto slash = name.find('/');
    if (!is_file_name(name.substr(0, slash), NAME_MAX)) return false;
    if (slash == name.npos) return true;
    name.remove_prefix(slash + 1);
  }
}

}  // namespace reelmill
