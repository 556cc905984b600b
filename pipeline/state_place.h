// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/result.h"

namespace reelmill {

/// The file in OUT that names the folder of the ledger, where that is not OUT itself: without it,
/// a command that forgets `--state` would silently begin a second ledger.
inline constexpr const char* kStatePlaceFile = "state-folder.txt";

/// Whether `state` (empty: OUT itself) is where the ledger of this OUT is, as far as OUT says.
/// Errors: invalid_input, with the option that is right.
Status check_state_place(const std::filesystem::path& output, const std::filesystem::path& state);

/// Leaves the name of `state` in OUT where it is another folder. Errors: as write_file_durably.
Status keep_state_place(const std::filesystem::path& output, const std::filesystem::path& state);

}  // namespace reelmill
