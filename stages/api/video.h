// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace reelmill {

/// One input file as the source found it.
struct VideoFile {
  std::filesystem::path path;  ///< absolute
  std::string key;  ///< its name in this output: unique, relative, raw bytes, `/` between folders
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
};

}  // namespace reelmill
