// SPDX-License-Identifier: Apache-2.0
#include "net/request_body.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path_text.h"

namespace reelmill {
namespace {

ErrorKind kind_of_errno(int error) {
  if (error == ENOENT || error == ENOTDIR) return ErrorKind::not_found;
  if (error == EACCES || error == EPERM) return ErrorKind::denied;
  return ErrorKind::unavailable;
}

}  // namespace

RequestBody RequestBody::of_text(std::string_view text) {
  RequestBody body;
  body.text_ = text;
  body.size_ = text.size();
  return body;
}

Result<RequestBody> RequestBody::of_file(const std::filesystem::path& path) {
  RequestBody body;
  body.path_ = path;
  body.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (body.file_ < 0)
    return fail(kind_of_errno(errno), "open {}: {}", path_to_line(path.native()),
                std::strerror(errno));
  struct stat about{};
  if (::fstat(body.file_, &about) != 0 || !S_ISREG(about.st_mode))
    return fail(ErrorKind::invalid_input, "open {}: not a regular file",
                path_to_line(path.native()));
  body.size_ = static_cast<std::uint64_t>(about.st_size);
  return body;
}

RequestBody::RequestBody(RequestBody&& other) noexcept
    : text_(other.text_),
      path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      size_(other.size_),
      offset_(other.offset_) {}

RequestBody::~RequestBody() {
  if (file_ >= 0) ::close(file_);
}

Result<std::size_t> RequestBody::read(std::span<char> space) {
  const auto wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>(space.size(), offset_ < size_ ? size_ - offset_ : 0));
  if (wanted == 0) return 0;
  if (file_ < 0) {
    std::memcpy(space.data(), text_.data() + offset_, wanted);
    offset_ += wanted;
    return wanted;
  }
  ssize_t count = -1;
  do count = ::pread(file_, space.data(), wanted, static_cast<off_t>(offset_));
  while (count < 0 && errno == EINTR);
  if (count < 0)
    return fail(ErrorKind::unavailable, "read {}: {}", path_to_line(path_.native()),
                std::strerror(errno));
  if (count == 0)
    return fail(ErrorKind::invalid_input, "read {}: it shrank from {} to {} bytes while being sent",
                path_to_line(path_.native()), size_, offset_);
  offset_ += static_cast<std::uint64_t>(count);
  return static_cast<std::size_t>(count);
}

}  // namespace reelmill
