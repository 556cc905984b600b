// SPDX-License-Identifier: Apache-2.0
#include "base/io_error.h"

#include <cerrno>
#include <system_error>

#include <spdlog/fmt/fmt.h>
#include <sys/statvfs.h>

#include "base/path_text.h"

namespace reelmill {
namespace {

ErrorKind kind_of(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ErrorKind::exhausted;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::denied;
    case ENAMETOOLONG:
    case EINVAL:
    case EILSEQ:
      return ErrorKind::invalid_input;
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::not_found;
    default:
      return ErrorKind::unavailable;
  }
}

/// What an ordinary user may still write where `path` is or was to be.
std::uint64_t free_bytes(std::filesystem::path path) {
  struct statvfs space{};
  while (::statvfs(path.c_str(), &space) != 0) {
    if (!path.has_relative_path()) return 0;
    path = path.parent_path();
  }
  return static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
}

}  // namespace

Error io_error(std::string_view doing, const std::filesystem::path& path, int error_number) {
  return {kind_of(error_number), fmt::format("{} {}: {}", doing, path_to_line(path.native()),
                                             std::generic_category().message(error_number))};
}

Error write_error(std::string_view doing, const std::filesystem::path& path, int error_number,
                  std::uint64_t bytes_needed) {
  auto error = io_error(doing, path, error_number);
  if (error_number == ENOSPC)
    error.message = fmt::format("{} {}: the disk is full: needs {} bytes, {} are free", doing,
                                path_to_line(path.native()), bytes_needed, free_bytes(path));
  else if (error.kind == ErrorKind::exhausted)
    error.message += fmt::format(": needs {} bytes", bytes_needed);
  return error;
}

}  // namespace reelmill
