// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reelmill {

/// Disk for what does not fit into memory for a while. A file without a name: it is gone when it is
/// closed, however the process ends. It is made at the first write; space of what was read is given
/// back. Thread-safe.
class ScratchFile {
 public:
  /// Where a piece lies.
  struct Piece {
    std::int64_t offset = 0;
    std::size_t bytes = 0;
  };

  /// `purpose` begins errors: `keep frames for a model in /out`.
  ScratchFile(std::filesystem::path folder, std::string purpose)
      : folder_(std::move(folder)), purpose_(std::move(purpose)) {}
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  /// Errors: exhausted (with the bytes needed), denied, unavailable.
  Result<Piece> write(std::string_view bytes);
  /// Reads a piece, once, and forgets it.
  Result<std::string> take(const Piece& piece);
  void forget(const Piece& piece);

  std::size_t bytes() const;  ///< of all pieces
  std::size_t high_water() const;

 private:
  tl::unexpected<Error> failure(int error, std::size_t bytes) const;
  int file() const;

  const std::filesystem::path folder_;
  const std::string purpose_;
  mutable std::mutex mutex_;
  int file_ = -1;
  std::int64_t end_ = 0;
  std::size_t bytes_ = 0, high_water_ = 0;
};

}  // namespace reelmill
