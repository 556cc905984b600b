// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.h"

namespace reelmill {

/// A descriptor of a new file without a name: it is gone when it is closed, however the process
/// ends. -1 with errno where none can be made.
int open_nameless(const std::filesystem::path& folder);

/// Writes all of it; 0, or an errno.
int write_fully(int file, const void* data, std::size_t bytes, std::int64_t offset) noexcept;

/// Reads all of it; 0, or an errno: EIO where the file is shorter.
int read_fully(int file, void* data, std::size_t bytes, std::int64_t offset) noexcept;

/// What kept such a file in `folder` from being written or read, while `doing` it: exhausted (with
/// the bytes needed), denied, or unavailable.
Error nameless_error(const std::string& doing, const std::filesystem::path& folder,
                     int error_number, std::uint64_t bytes_needed);

}  // namespace reelmill
