// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/item_file.h"

#include "base/path_text.h"

namespace reelmill {

Status check_item_file(const CallItem& item) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(item.file, error);
  const auto name = path_to_line(item.file.native());
  if (error == std::errc::no_such_file_or_directory)
    return fail(ErrorKind::not_found, "upload {}: the file is gone", name);
  if (error) return fail(ErrorKind::unavailable, "upload {}: {}", name, error.message());
  if (bytes != item.bytes)
    return fail(ErrorKind::invalid_input,
                "upload {}: the file has {} bytes but had {} when it was recorded", name, bytes,
                item.bytes);
  return {};
}

bool is_safe_name(std::string_view name) {
  if (name.empty() || name.find('\0') != name.npos) return false;
  for (;;) {
    const auto slash = name.find('/');
    const auto part = name.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == name.npos) return true;
    name.remove_prefix(slash + 1);
  }
}

}  // namespace reelmill
