// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace reelmill {

/// A stretch of something that is sent: a text, or a file whose size is known before. Plain data.
struct BodyPart {
  std::string text;  ///< where there is no file
  std::optional<std::filesystem::path> file = {};
  std::uint64_t file_bytes = 0;  ///< the file must have exactly these

  std::uint64_t size() const { return file ? file_bytes : text.size(); }
};

}  // namespace reelmill
