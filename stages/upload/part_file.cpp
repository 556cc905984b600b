// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/part_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path_text.h"

namespace reelmill {
namespace {

namespace fs = std::filesystem;

ErrorKind kind_of(int error_number) {
  switch (error_number) {
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::denied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ErrorKind::exhausted;
    case ENAMETOOLONG:
    case EINVAL:
    case EILSEQ:
    case ENOTDIR:
    case EISDIR:
    case EEXIST:
    case ENOTEMPTY:
      return ErrorKind::invalid_input;
    default:  // EIO, ESTALE, ENOTCONN; ENOENT too: a mount that went away
      return ErrorKind::unavailable;
  }
}

tl::unexpected<Error> failed(std::string_view doing, const fs::path& path) {
  return fail(storage_error(errno, doing, path));
}

/// Whether the open file still stands under its name: another attempt may have renamed it between
/// our open and our lock.
bool stands_at(int file, const fs::path& path) {
  struct stat ours{}, there{};
  return ::fstat(file, &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

}  // namespace

Error storage_error(int error_number, std::string_view doing, const fs::path& path) {
  return Error{.kind = kind_of(error_number),
               .message = fmt::format("{} {}: {}", doing, path_to_line(path.native()),
                                      std::strerror(error_number))};
}

Result<PartFile> PartFile::open(fs::path path) {
  for (;;) {
    const int number = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (number < 0) return failed("create", path);
    PartFile file(path, number);
    if (::flock(number, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      ::close(std::exchange(file.file_, -1));  // it is not ours to remove
      return fail(ErrorKind::unavailable, "create {}: another attempt at this file is under way",
                  path_to_line(path.native()));
    }
    if (!stands_at(number, path)) {
      ::close(std::exchange(file.file_, -1));
      continue;
    }
    if (::ftruncate(number, 0) != 0) return failed("empty", path);
    return file;
  }
}

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {}

PartFile::~PartFile() {
  if (file_ < 0) return;
  ::unlink(path_.c_str());
  ::close(file_);
}

Status PartFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("write", path_);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Status PartFile::publish(const fs::path& to) {
  if (::fsync(file_) != 0) return failed("write to disk", path_);
  if (::rename(path_.c_str(), to.c_str()) != 0) return failed("rename to", to);
  ::close(std::exchange(file_, -1));
  return sync_folder(to.parent_path());
}

Status create_folders_durably(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0755) == 0) return sync_folder(folder.parent_path());
  if (errno == EEXIST) {
    struct stat about{};
    if (::stat(folder.c_str(), &about) == 0 && S_ISDIR(about.st_mode)) return {};
    errno = ENOTDIR;
  }
  if (errno != ENOENT || !folder.has_relative_path()) return failed("create folder", folder);
  REELMILL_TRY(create_folders_durably(folder.parent_path()));
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) return failed("create folder", folder);
  return sync_folder(folder.parent_path());
}

Status sync_folder(const fs::path& folder) {
  const auto name = folder.empty() ? fs::path(".") : folder;
  const int number = ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (number < 0) return failed("open folder", name);
  const bool is_synced = ::fsync(number) == 0 || errno == EINVAL;  // some network mounts cannot
  const int error_number = errno;
  ::close(number);
  if (!is_synced) return fail(storage_error(error_number, "write folder to disk", name));
  return {};
}

}  // namespace reelmill
