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
  REELMILL_TRY(body.open(path));
  body.size_ = body.file_size_;
  return body;
}

RequestBody RequestBody::of_parts(std::span<const BodyPart> parts) {
  RequestBody body;
  body.parts_ = parts;
  for (const auto& part : parts) body.ends_.push_back(body.size_ += part.size());
  return body;
}

RequestBody::RequestBody(RequestBody&& other) noexcept
    : text_(other.text_),
      parts_(other.parts_),
      ends_(std::move(other.ends_)),
      open_part_(other.open_part_),
      path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      size_(other.size_),
      offset_(other.offset_),
      file_size_(other.file_size_) {}

RequestBody::~RequestBody() {
  close();
}

void RequestBody::close() {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
}

Status RequestBody::open(const std::filesystem::path& path) {
  close();
  path_ = path;
  file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file_ < 0)
    return fail(kind_of_errno(errno), "open {}: {}", path_to_line(path.native()),
                std::strerror(errno));
  struct stat about{};
  if (::fstat(file_, &about) != 0 || !S_ISREG(about.st_mode))
    return fail(ErrorKind::invalid_input, "open {}: not a regular file",
                path_to_line(path.native()));
  file_size_ = static_cast<std::uint64_t>(about.st_size);
  return {};
}

Result<std::size_t> RequestBody::read(std::span<char> space) {
  space = space.first(static_cast<std::size_t>(
      std::min<std::uint64_t>(space.size(), offset_ < size_ ? size_ - offset_ : 0)));
  if (space.empty()) return 0;
  Result<std::size_t> count = 0;
  if (!parts_.empty()) {
    count = read_part(space);
  } else if (file_ >= 0) {
    count = read_file(space, offset_);
  } else {
    std::memcpy(space.data(), text_.data() + offset_, space.size());
    count = space.size();
  }
  if (count) offset_ += *count;
  return count;
}

Result<std::size_t> RequestBody::read_part(std::span<char> space) {
  const auto index = static_cast<std::size_t>(
      std::upper_bound(ends_.begin(), ends_.end(), offset_) - ends_.begin());
  const BodyPart& part = parts_[index];
  const auto offset = offset_ - (ends_[index] - part.size());
  space = space.first(
      static_cast<std::size_t>(std::min<std::uint64_t>(space.size(), part.size() - offset)));
  if (!part.file) {
    REELMILL_ASSIGN(const auto text, text_of(index));
    std::memcpy(space.data(), text.data() + offset, space.size());
    return space.size();
  }
  if (file_ < 0 || open_part_ != index) {
    REELMILL_TRY(open(*part.file));
    open_part_ = index;
    if (file_size_ != part.file_bytes)
      return fail(ErrorKind::invalid_input, "read {}: it has {} bytes, expected were {}",
                  path_to_line(path_.native()), file_size_, part.file_bytes);
  }
  return read_file(space, offset);
}

Result<std::string_view> RequestBody::text_of(std::size_t index) {
  const BodyPart& part = parts_[index];
  if (!part.made) return part.lent.empty() ? std::string_view(part.text) : part.lent;
  if (made_part_ != index) {
    made_ = part.made();
    made_part_ = index;
  }
  if (made_.size() != part.made_bytes)
    return fail(ErrorKind::internal, "a part of the request has {} bytes, promised were {}",
                made_.size(), part.made_bytes);
  return made_;
}

Result<std::size_t> RequestBody::read_file(std::span<char> space, std::uint64_t offset) const {
  ssize_t count = -1;
  do count = ::pread(file_, space.data(), space.size(), static_cast<off_t>(offset));
  while (count < 0 && errno == EINTR);
  if (count < 0)
    return fail(ErrorKind::unavailable, "read {}: {}", path_to_line(path_.native()),
                std::strerror(errno));
  if (count == 0)
    return fail(ErrorKind::invalid_input, "read {}: it shrank from {} to {} bytes while being sent",
                path_to_line(path_.native()), file_size_, offset);
  return static_cast<std::size_t>(count);
}

}  // namespace reelmill
