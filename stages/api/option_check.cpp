// SPDX-License-Identifier: Apache-2.0
#include "stages/api/option_check.h"

namespace reelmill {

void OptionCheck::add(std::string_view key, std::string message) const {
  const auto* node = with.find(key);
  sink.at(key).add(node == nullptr ? with.line : node->line, std::move(message));
}

bool OptionCheck::is_secret(std::string_view key) const {
  const auto* node = with.find(key);
  return node != nullptr && node->is_secret;
}

std::vector<std::pair<std::string, std::string>> parse_header_lines(
    const std::vector<std::string>& lines, const OptionCheck& check) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = lines[i];
    const auto colon = line.find(':');
    if (colon == line.npos || colon == 0 || line.find_first_of(" \t") < colon ||
        line.find_first_of("\r\n") != line.npos) {
      check.add("headers", "header " + std::to_string(i + 1) + " is not of the form 'Name: value'");
      continue;
    }
    const auto value = line.find_first_not_of(" \t", colon + 1);
    headers.emplace_back(line.substr(0, colon), value == line.npos ? "" : line.substr(value));
  }
  return headers;
}

}  // namespace reelmill
