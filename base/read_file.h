// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reelmill {

/// Hands over the content of a regular file, piece by piece in its order. Never waits, as for the
/// writer of a pipe. Errors as io_error(); invalid_input where it is no regular file.
Status read_pieces(const std::filesystem::path& file,
                   const std::function<void(std::string_view)>& take);

/// All of a regular file, byte for byte. Errors as read_pieces().
Result<std::string> read_whole_file(const std::filesystem::path& file);

}  // namespace reelmill
