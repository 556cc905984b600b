// SPDX-License-Identifier: Apache-2.0
#include "pipeline/glob.h"

#include <algorithm>
#include <span>

#include <fnmatch.h>

namespace reelmill {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const auto slash = text.find('/');
    parts.emplace_back(text.substr(0, slash));
    if (slash == text.npos) return parts;
    text.remove_prefix(slash + 1);
  }
}

bool matches(std::span<const std::string> pattern, std::span<const std::string> names) {
  if (pattern.empty()) return names.empty();
  if (pattern.front() == "**") {
    for (std::size_t skipped = 0; skipped <= names.size(); ++skipped)
      if (matches(pattern.subspan(1), names.subspan(skipped))) return true;
    return false;
  }
  return !names.empty() && ::fnmatch(pattern.front().c_str(), names.front().c_str(), 0) == 0 &&
         matches(pattern.subspan(1), names.subspan(1));
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view path) {
  auto wanted = split(pattern);
  // Neighbouring ** say no more than one of them and would cost exponential time.
  wanted.erase(std::unique(wanted.begin(), wanted.end(),
                           [](const auto& a, const auto& b) { return a == "**" && b == "**"; }),
               wanted.end());
  const auto names = split(path);
  if (wanted.size() == 1 && wanted.front() != "**")
    return ::fnmatch(wanted.front().c_str(), names.back().c_str(), 0) == 0;
  return matches(wanted, names);
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const auto& pattern) { return glob_matches(pattern, path); });
}

}  // namespace reelmill
