// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>

#include "base/result.h"

namespace reelmill {

/// A file that grows under a temporary name in the folder where it will stand, and appears there
/// whole or not at all. Its name is given, so that an attempt after a crash takes over what the
/// crash left; a lock keeps two attempts apart. Removed when it is dropped unpublished. Used by one
/// thread.
class PartFile {
 public:
  /// Creates or empties `path`. Errors by storage_error(); unavailable when another attempt has it.
  static Result<PartFile> open(std::filesystem::path path);
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile();

  Status write(std::span<const std::byte> bytes);
  /// fsync, rename to `to` (in the same folder), fsync of the folder.
  Status publish(const std::filesystem::path& to);

 private:
  PartFile(std::filesystem::path path, int file) : path_(std::move(path)), file_(file) {}
  std::filesystem::path path_;
  int file_ = -1;
};

/// Creates the folder with its parents, and makes every new one durable in its parent.
Status create_folders_durably(const std::filesystem::path& folder);

/// Writes the folder's entries to disk.
Status sync_folder(const std::filesystem::path& folder);

/// The error of a failed call to the file system: denied (permission, read-only), exhausted (space,
/// quota, file size), invalid_input (a name that the file system cannot hold, or that is taken by
/// something of another kind), else unavailable. `doing` begins the message.
Error storage_error(int error_number, std::string_view doing, const std::filesystem::path& path);

}  // namespace reelmill
