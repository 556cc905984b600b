// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "base/result.h"

namespace reelmill {

/// Shared by the thread that reads a video and the watchdog that looks at it. Thread-safe.
class ReadControl {
 public:
  /// Called by the reader whenever a packet, a frame or a block of input arrived.
  void made_progress() noexcept { progress_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t progress() const noexcept { return progress_.load(std::memory_order_relaxed); }
  /// Asks the reader to stop at the next packet or I/O call.
  void interrupt() noexcept { interrupted_.store(true, std::memory_order_relaxed); }
  bool is_interrupted() const noexcept { return interrupted_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> progress_{0};
  std::atomic<bool> interrupted_{false};
};

/// What a file was when it was opened; a later difference means that it changed under us.
struct FileIdentity {
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t device = 0, inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// An open regular file that libav reads through us, so that a failing disk is told from a broken
/// file, no name is taken for an option or an URL, and nothing but this file is ever opened.
/// Refuses what is not a regular file. Used by one thread at a time.
class MediaInput {
 public:
  /// Errors: not_found, denied, invalid_input (not a regular file), unavailable (EIO, ESTALE,
  /// ENOTCONN, ...).
  static Result<std::unique_ptr<MediaInput>> open(const std::filesystem::path& path,
                                                  std::shared_ptr<ReadControl> control = nullptr);
  ~MediaInput();
  MediaInput(const MediaInput&) = delete;
  MediaInput& operator=(const MediaInput&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  const FileIdentity& identity() const noexcept { return identity_; }
  /// The file as it is now, for comparison with identity(). Errors as for open().
  Result<FileIdentity> current_identity() const;
  /// errno of the first read that failed, or 0: the storage is at fault then, not the file.
  int read_errno() const noexcept { return read_errno_; }
  std::uint64_t bytes_read() const noexcept { return bytes_read_; }
  ReadControl* control() const noexcept { return control_.get(); }

  /// For the demuxer: -errno, 0 at the end, or bytes read at the position.
  int read(std::uint8_t* buffer, int size) noexcept;
  /// For the demuxer: the new position, or -errno. `whence` as for lseek.
  std::int64_t seek(std::int64_t offset, int whence) noexcept;

 private:
  MediaInput(std::filesystem::path path, int file, FileIdentity identity,
             std::shared_ptr<ReadControl> control);
  std::filesystem::path path_;
  int file_;
  FileIdentity identity_;
  std::shared_ptr<ReadControl> control_;
  std::int64_t position_ = 0;
  std::uint64_t bytes_read_ = 0;
  int read_errno_ = 0;
};

/// True for errno values that speak of the storage rather than of one file: EIO, ESTALE, ENOTCONN,
/// ENODEV, ETIMEDOUT, EHOSTDOWN, ...
bool is_storage_errno(int error) noexcept;

}  // namespace reelmill
