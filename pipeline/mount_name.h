// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace reelmill {

/// What is mounted where this path is, by name: the place, the folder of the file system, its type
/// and its source, as in `/media/tapes / nfs4 archive:/tapes`. A share that is mounted again keeps
/// this name, though it may get another device number. Empty where the system does not say (Linux
/// before 5.8), and for a path that is not there.
std::string mount_name(const std::filesystem::path& path);

}  // namespace reelmill
