// SPDX-License-Identifier: Apache-2.0
#include "pipeline/ledger_text.h"

#include <cstdlib>
#include <string_view>

#include <spdlog/fmt/fmt.h>

namespace reelmill {
namespace {

void put(std::string& row, std::string_view text) {
  row += text;
  row += '\0';
}

std::string take(std::string_view& row) {
  const auto end = row.find('\0');
  std::string text(row.substr(0, end));
  row = end == row.npos ? std::string_view() : row.substr(end + 1);
  return text;
}

}  // namespace

std::string to_row(const std::vector<WrittenFile>& files) {
  std::string row;
  for (const auto& file : files) {
    put(row, file.file);
    put(row, file.stage.empty() ? std::to_string(file.bytes)
                                : fmt::format("{} {}", file.bytes, file.stage));
    put(row, file.sha256);
  }
  return row;
}

std::vector<WrittenFile> files_of_row(const std::string& row) {
  std::vector<WrittenFile> files;
  for (std::string_view rest = row; !rest.empty();) {
    WrittenFile file;
    file.file = take(rest);
    const auto bytes = take(rest);  // rows of older versions name no stage
    file.bytes = std::strtoull(bytes.c_str(), nullptr, 10);
    if (const auto space = bytes.find(' '); space != bytes.npos)
      file.stage = bytes.substr(space + 1);
    file.sha256 = take(rest);
    files.push_back(std::move(file));
  }
  return files;
}

std::string to_row(const std::vector<std::pair<std::string, std::string>>& claims) {
  std::string row;
  for (const auto& [stage, hash] : claims) {
    put(row, stage);
    put(row, hash);
  }
  return row;
}

std::vector<std::pair<std::string, std::string>> claims_of_row(const std::string& row) {
  std::vector<std::pair<std::string, std::string>> claims;
  for (std::string_view rest = row; !rest.empty();) {
    auto stage = take(rest);
    claims.emplace_back(std::move(stage), take(rest));
  }
  return claims;
}

}  // namespace reelmill
