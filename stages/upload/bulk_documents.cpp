// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/bulk_documents.h"

#include <fstream>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/path_text.h"
#include "stages/upload/item_file.h"

namespace reelmill {
namespace {

constexpr std::size_t kLongestId = 512;

/// JSON has no raw line breaks within its strings, so those that it has are layout, and so is the
/// indentation behind them.
std::string without_line_breaks(std::string_view json) {
  std::string line;
  line.reserve(json.size());
  bool is_indentation = false;
  for (const char c : json) {
    if (c == '\n' || c == '\r') {
      is_indentation = true;
    } else if (!is_indentation || c != ' ') {
      line += c;
      is_indentation = false;
    }
  }
  return line;
}

}  // namespace

std::string document_id(const CallItem& item) {
  auto id = path_to_text(item.video);
  return id.size() <= kLongestId ? id : sha256_hex(item.video);
}

Result<std::string> document_line(const CallItem& item) {
  REELMILL_TRY(check_item_file(item));
  std::ifstream file(item.file, std::ios::binary);
  std::string content(item.bytes, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file)
    return fail(ErrorKind::unavailable, "upload {}: cannot be read",
                path_to_line(item.file.native()));
  if (!item.sha256.empty() && sha256_hex(content) != item.sha256)
    return fail(ErrorKind::invalid_input, "upload {}: its content changed since it was recorded",
                path_to_line(item.file.native()));
  if (!nlohmann::json::accept(content))
    return fail(ErrorKind::invalid_input, "upload {}: it is no JSON, so no document",
                path_to_line(item.file.native()));
  return without_line_breaks(content);
}

std::string action_line(const std::string& index, const std::string& id) {
  nlohmann::ordered_json action;
  if (!index.empty()) action["_index"] = index;
  action["_id"] = id;
  return nlohmann::ordered_json{{"index", action}}.dump();
}

}  // namespace reelmill
