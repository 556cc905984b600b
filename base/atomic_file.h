// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace reelmill {

/// How the names of files begin that are not finished yet. Nothing else may be called so.
inline constexpr std::string_view kTemporaryPrefix = ".reelmill-tmp-";

/// Writes a file so that at any moment, also after a crash or a power loss, its name stands for
/// either the old content or the new, and for the new one once this has returned. Missing folders
/// are made. Errors: exhausted (the text names the bytes needed), denied, invalid_input (the
/// filesystem does not take the name, as when it is too long), unavailable. Thread-safe.
Status write_file_durably(const std::filesystem::path& file, std::string_view content);

/// Removes what an earlier process left unfinished in `folder` and below. Nobody may be writing
/// there. Returns how many files; a folder that does not exist has none.
Result<std::size_t> remove_temporaries(const std::filesystem::path& folder);

}  // namespace reelmill
