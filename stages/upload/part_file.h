// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/result.h"

namespace reelmill {

/// A file that grows under a temporary name in the folder where it will stand, and appears there
/// whole or not at all. Its name is given, so that an attempt after a crash takes over what the
/// crash left; a lock keeps two attempts apart. Removed when it is dropped unpublished. Used by one
/// thread.
class PartFile {
 public:
  /// Creates or empties `path`. Errors by target_error(); unavailable when another attempt has it.
  static Result<PartFile> open(std::filesystem::path path, std::uint64_t bytes_expected);
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile();

  Status write(std::span<const std::byte> bytes);
  /// fsync, rename to `to` (in the same folder), fsync of the folder.
  Status publish(const std::filesystem::path& to);

 private:
  PartFile(std::filesystem::path path, int file, std::uint64_t bytes_expected)
      : path_(std::move(path)), file_(file), bytes_expected_(bytes_expected) {}
  Error error(std::string_view doing, int error_number) const;

  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t bytes_expected_ = 0;  ///< for the text about a full disk
};

/// The error of a failed call to the target's file system. As write_error(), but what is missing or
/// in the way there is about the target: unavailable when a folder is gone (as with a mount that
/// went away), invalid_input when something of another kind has the name.
Error target_error(std::string_view doing, const std::filesystem::path& path, int error_number,
                   std::uint64_t bytes_needed);

}  // namespace reelmill
