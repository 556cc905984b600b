// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include <spdlog/fmt/fmt.h>

namespace reelmill {

/// A count with the word that fits it: `1 video`, `0 videos`. `many` is only needed where it is not
/// `one` with an s: `1 batch`, `2 batches`.
inline std::string counted(std::integral auto count, std::string_view one,
                           std::string_view many = {}) {
  if (count == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", count, one) : fmt::format("{} {}", count, many);
}

}  // namespace reelmill
