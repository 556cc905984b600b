// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/error.h"

namespace reelmill {

/// An errno as an Error: `write /out/a.json: Permission denied`. A full disk, quota or file size
/// limit is `exhausted`, missing rights `denied`, a name that the filesystem does not take
/// `invalid_input`, what is not there `not_found`, all else `unavailable`.
Error io_error(std::string_view doing, const std::filesystem::path& path, int error_number);

/// The same for a write: a full disk's text names the bytes that were to be written and the bytes
/// that are free: `write /out/a.json: the disk is full: needs 5120 bytes, 0 are free`.
Error write_error(std::string_view doing, const std::filesystem::path& path, int error_number,
                  std::uint64_t bytes_needed);

}  // namespace reelmill
