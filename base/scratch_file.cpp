// SPDX-License-Identifier: Apache-2.0
#include "base/scratch_file.h"

#include <algorithm>
#include <cerrno>
#include <tuple>

#include <fcntl.h>
#include <unistd.h>

#include "base/nameless_file.h"

namespace reelmill {

ScratchFile::~ScratchFile() {
  if (file_ >= 0) ::close(file_);
}

tl::unexpected<Error> ScratchFile::failure(int error, std::size_t bytes) const {
  return fail(nameless_error(purpose_ + " in", folder_, error, bytes));
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
  if (const int error = write_fully(file, bytes.data(), bytes.size(), piece.offset)) {
    forget(piece);
    return failure(error, bytes.size());
  }
  return piece;
}

Result<std::string> ScratchFile::take(const Piece& piece) {
  std::string bytes(piece.bytes, '\0');
  const int error = read_fully(file(), bytes.data(), bytes.size(), piece.offset);
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
