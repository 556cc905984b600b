// SPDX-License-Identifier: Apache-2.0
#include "base/scratch_file.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "base/path_text.h"

namespace reelmill {
namespace {

int open_nameless(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
  std::string name = (folder / ".scratch-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

// errno, or 0.
int write_fully(int file, std::string_view bytes, std::int64_t offset) noexcept {
  while (!bytes.empty()) {
    const auto written = ::pwrite(file, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += written;
  }
  return 0;
}

int read_fully(int file, std::string& bytes, std::int64_t offset) noexcept {
  for (std::size_t done = 0; done < bytes.size();) {
    const auto count = ::pread(file, bytes.data() + done, bytes.size() - done,
                               offset + static_cast<std::int64_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return EIO;  // shorter than what we wrote
    done += static_cast<std::size_t>(count);
  }
  return 0;
}

}  // namespace

ScratchFile::~ScratchFile() {
  if (file_ >= 0) ::close(file_);
}

tl::unexpected<Error> ScratchFile::failure(int error, std::size_t bytes) const {
  const auto where = fmt::format("{} in {}: {}", purpose_, path_to_line(folder_.native()),
                                 std::generic_category().message(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG)
    return fail(ErrorKind::exhausted, "{}: {} bytes more are needed", where, bytes);
  if (error == EACCES || error == EPERM || error == EROFS)
    return fail(Error{ErrorKind::denied, where});
  return fail(Error{ErrorKind::unavailable, where});
}

Result<ScratchFile::Piece> ScratchFile::write(std::string_view bytes) {
  Piece piece;
  int file = -1;
  {
    const std::lock_guard lock(mutex_);
    if (file_ < 0) file_ = open_nameless(folder_);
    if (file_ < 0) return failure(errno, bytes.size());
    file = file_;
    piece = {end_, bytes.size()};
    end_ += static_cast<std::int64_t>(bytes.size());
    bytes_ += bytes.size();
    high_water_ = std::max(high_water_, bytes_);
  }
  if (const int error = write_fully(file, bytes, piece.offset)) {
    forget(piece);
    return failure(error, bytes.size());
  }
  return piece;
}

Result<std::string> ScratchFile::take(const Piece& piece) {
  std::string bytes(piece.bytes, '\0');
  const int error = read_fully(file(), bytes, piece.offset);
  forget(piece);
  if (error != 0) return failure(error, piece.bytes);
  return bytes;
}

void ScratchFile::forget(const Piece& piece) {
  const std::lock_guard lock(mutex_);
  bytes_ -= piece.bytes;
  if (bytes_ == 0) {
    // Space that cannot be given back is used again: nothing is lost.
    end_ = ::ftruncate(file_, 0) == 0 ? 0 : end_;
    return;
  }
  std::ignore = ::fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, piece.offset,
                            static_cast<off_t>(piece.bytes));
}

int ScratchFile::file() const {
  const std::lock_guard lock(mutex_);
  return file_;
}

std::size_t ScratchFile::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::size_t ScratchFile::high_water() const {
  const std::lock_guard lock(mutex_);
  return high_water_;
}

}  // namespace reelmill
