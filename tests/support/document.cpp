// SPDX-License-Identifier: Apache-2.0
#include "tests/support/document.h"

#include <sstream>

#include "tests/support/temp_folder.h"

namespace reelmill::test {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string indented(const std::string& line, std::size_t columns) {
  return line.empty() ? line : std::string(columns, ' ') + line;
}

}  // namespace

std::vector<DocumentBlock> blocks_of(const std::filesystem::path& document) {
  std::vector<DocumentBlock> blocks;
  std::string previous;
  bool is_inside = false;
  int number = 0;
  for (const auto& line : lines_of(read_file(document))) {
    ++number;
    if (!line.starts_with("```")) {
      if (is_inside) blocks.back().text += line + "\n";
      if (!is_inside) previous = line;
      continue;
    }
    is_inside = !is_inside;
    if (!is_inside) continue;
    DocumentBlock block{.language = line.substr(3), .line = number};
    if (previous.starts_with("<!-- ") && previous.ends_with(" -->")) {
      block.source = previous.substr(5, previous.size() - 9);
      constexpr std::string_view kOutput = "output of ";
      block.is_output = block.source.starts_with(kOutput);
      if (block.is_output) block.source.erase(0, kOutput.size());
    }
    previous.clear();
    blocks.push_back(std::move(block));
  }
  return blocks;
}

bool contains_lines(const std::string& whole, const std::string& part) {
  const auto all = lines_of(whole), wanted = lines_of(part);
  if (wanted.empty()) return false;
  for (std::size_t begin = 0; begin + wanted.size() <= all.size(); ++begin) {
    const auto depth = all[begin].find(wanted[0]);
    if (depth == std::string::npos || all[begin].find_first_not_of(' ') < depth) continue;
    bool is_same = true;
    for (std::size_t i = 0; i < wanted.size() && is_same; ++i)
      is_same = all[begin + i] == indented(wanted[i], depth);
    if (is_same) return true;
  }
  return false;
}

}  // namespace reelmill::test
