// SPDX-License-Identifier: Apache-2.0
#include "media/media_input.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail_point.h"
#include "base/file_time.h"
#include "base/path_text.h"

namespace reelmill {
namespace {

std::string name_of(const std::filesystem::path& path) {
  return path_to_line(path.filename().native());
}

std::string_view kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a FIFO";
    case S_IFSOCK:
      return "a socket";
    case S_IFCHR:
      return "a character device";
    case S_IFBLK:
      return "a block device";
    default:
      return "something else";
  }
}

ErrorKind kind_of_errno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::not_found;
    case EACCES:
    case EPERM:
      return ErrorKind::denied;
    case ENXIO:  // a socket, or a device without a driver
    case ELOOP:
    case EOVERFLOW:
    case EISDIR:
    case ENAMETOOLONG:
      return ErrorKind::invalid_input;
    default:
      return ErrorKind::unavailable;  // the storage, or this process out of descriptors
  }
}

tl::unexpected<Error> failed(const std::filesystem::path& path, int error) {
  return fail(kind_of_errno(error), "open {}: {}", name_of(path), std::strerror(error));
}

FileIdentity identity_of(const struct stat& file) {
  return {static_cast<std::uint64_t>(file.st_size), modified_ns(file), file.st_dev, file.st_ino};
}

Status check_regular(const std::filesystem::path& path, const struct stat& file) {
  if (S_ISREG(file.st_mode)) return {};
  return fail(ErrorKind::invalid_input, "open {}: is {}, not a regular file", name_of(path),
              kind_of(file.st_mode));
}

}  // namespace

Result<std::unique_ptr<MediaInput>> MediaInput::open(const std::filesystem::path& path,
                                                     std::shared_ptr<ReadControl> control) {
  struct stat file{};
  // Looked at before it is opened: opening a device can already do something.
  if (::stat(path.c_str(), &file) != 0) return failed(path, errno);
  REELMILL_TRY(check_regular(path, file));

  int descriptor = -1;
  do {
    // O_NONBLOCK: should a FIFO have taken its place since, we do not wait for its writer.
    descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return failed(path, errno);

  std::unique_ptr<MediaInput> input(new MediaInput(path, descriptor, {}, std::move(control)));
  if (::fstat(descriptor, &file) != 0) return failed(path, errno);
  REELMILL_TRY(check_regular(path, file));
  input->identity_ = identity_of(file);
  if (file.st_size == 0) {
    return fail(ErrorKind::invalid_input, "open {}: is empty (0 bytes)", name_of(path));
  }
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);  // advice: failure costs nothing
  return input;
}

MediaInput::MediaInput(std::filesystem::path path, int file, FileIdentity identity,
                       std::shared_ptr<ReadControl> control)
    : path_(std::move(path)), file_(file), identity_(identity), control_(std::move(control)) {}

MediaInput::~MediaInput() {
  ::close(file_);
}

Result<FileIdentity> MediaInput::current_identity() const {
  struct stat file{};
  if (::stat(path_.c_str(), &file) != 0) return failed(path_, errno);
  REELMILL_TRY(check_regular(path_, file));
  return identity_of(file);
}

int MediaInput::read(std::uint8_t* buffer, int size) noexcept {
  if (control_ != nullptr && control_->is_interrupted()) return -ECANCELED;
  // Read as long as it was when it was opened: what is appended later belongs to another version.
  const std::int64_t left = static_cast<std::int64_t>(identity_.bytes) - position_;
  if (left <= 0 || size <= 0) return 0;
  const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(left, size));

  ssize_t got = -1;
  do {
    got = ::pread(file_, buffer, wanted, position_);
  } while (got < 0 && errno == EINTR);
  if (fail_point("media.read", path_.native())) {
    got = -1;
    errno = EIO;
  }
  if (got < 0) {
    const int error = errno;
    if (read_errno_ == 0 && is_storage_errno(error)) read_errno_ = error;
    return -error;
  }
  position_ += got;
  bytes_read_ += static_cast<std::uint64_t>(got);
  if (control_ != nullptr) control_->made_progress();
  return static_cast<int>(got);
}

std::int64_t MediaInput::seek(std::int64_t offset, int whence) noexcept {
  std::int64_t origin = 0;
  switch (whence) {
    case SEEK_SET:
      break;
    case SEEK_CUR:
      origin = position_;
      break;
    case SEEK_END:
      origin = static_cast<std::int64_t>(identity_.bytes);
      break;
    default:
      return -EINVAL;
  }
  std::int64_t target = 0;
  if (__builtin_add_overflow(origin, offset, &target) || target < 0) return -EINVAL;
  return position_ = target;
}

bool is_storage_errno(int error) noexcept {
  switch (error) {
    case EIO:
    case ESTALE:
    case ENOTCONN:
    case ENODEV:
    case ENXIO:
    case ETIMEDOUT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
    case ECONNABORTED:
    case ECONNRESET:
    case ECONNREFUSED:
    case ESHUTDOWN:
    case EPIPE:
    case EREMOTEIO:
    case ENOMEDIUM:
    case ENOLINK:
    case EREMCHG:
    case ECOMM:
    case EBADMSG:  // a filesystem whose checksum does not match
    case EUCLEAN:
      return true;
    default:
      return false;
  }
}

}  // namespace reelmill
