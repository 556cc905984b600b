// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/part_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable_folders.h"
#include "base/io_error.h"
#include "base/path_text.h"

namespace reelmill {
namespace {

namespace fs = std::filesystem;

/// Whether the open file still stands under its name: another attempt may have renamed it between
/// our open and our lock.
bool stands_at(int file, const fs::path& path) {
  struct stat ours{}, there{};
  return ::fstat(file, &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

}  // namespace

Error target_error(std::string_view doing, const fs::path& path, int error_number,
                   std::uint64_t bytes_needed) {
  auto error = write_error(doing, path, error_number, bytes_needed);
  switch (error_number) {
    case ENOENT:
      error.kind = ErrorKind::unavailable;
      break;
    case ENOTDIR:
    case EISDIR:
    case EEXIST:
    case ENOTEMPTY:
      error.kind = ErrorKind::invalid_input;
      break;
    default:
      break;
  }
  return error;
}

Error PartFile::error(std::string_view doing, int error_number) const {
  return target_error(doing, path_, error_number, bytes_expected_);
}

Result<PartFile> PartFile::open(fs::path path, std::uint64_t bytes_expected) {
  for (;;) {
    const int number = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (number < 0) return fail(target_error("create", path, errno, bytes_expected));
    PartFile file(path, number, bytes_expected);
    if (::flock(number, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      ::close(std::exchange(file.file_, -1));  // it is not ours to remove
      return fail(ErrorKind::unavailable, "create {}: another attempt at this file is under way",
                  path_to_line(path.native()));
    }
    if (!stands_at(number, path)) {
      ::close(std::exchange(file.file_, -1));
      continue;
    }
    if (::ftruncate(number, 0) != 0) return fail(file.error("empty", errno));
    return file;
  }
}

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      bytes_expected_(other.bytes_expected_) {}

PartFile::~PartFile() {
  if (file_ < 0) return;
  ::unlink(path_.c_str());
  ::close(file_);
}

Status PartFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(error("write", errno));
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Status PartFile::publish(const fs::path& to) {
  if (::fsync(file_) != 0) return fail(error("flush", errno));
  if (::rename(path_.c_str(), to.c_str()) != 0)
    return fail(target_error("rename to", to, errno, bytes_expected_));
  ::close(std::exchange(file_, -1));
  return sync_folder(to.parent_path());
}

}  // namespace reelmill
