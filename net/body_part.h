// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace reelmill {

/// A stretch of something that is sent: a text, bytes that are lent, a text that is made only when
/// it is its turn, or a file. The size is known before. Plain data.
struct BodyPart {
  std::string text = {};  ///< where there is none of the following
  std::optional<std::filesystem::path> file = {};
  std::uint64_t file_bytes = 0;         ///< the file must have exactly these
  std::string_view lent = {};           ///< not copied: outlives the request
  std::function<std::string()> made{};  ///< called again when the part is sent again
  std::uint64_t made_bytes = 0;         ///< what is made must have exactly these

  std::uint64_t size() const {
    return file ? file_bytes : made ? made_bytes : lent.empty() ? text.size() : lent.size();
  }
};

}  // namespace reelmill
