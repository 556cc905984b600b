// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "media/frame.h"

namespace reelmill {

/// Samples of more than 8 bits as codes (code_of()), with SIMD. `samples`: one row, aligned as
/// 16-bit numbers are.
void to_codes_simd(const std::byte* samples, int width, int bit_depth,
                   std::uint8_t* codes) noexcept;

/// The rows of a frame as codes: the frame's own, or converted ones, of which the last few stay.
/// Uses the frame and the scratch memory, owns neither. Not thread-safe.
class CodeRows {
 public:
  CodeRows(const LumaView& luma, std::vector<std::uint8_t>& scratch)
      : luma_(luma), scratch_(scratch) {
    converted_.fill(-1);
    if (luma.bit_depth > 8) scratch_.resize(kKept * static_cast<std::size_t>(luma.width));
  }

  /// Valid until a row is asked for that lies kKept rows away.
  const std::uint8_t* at(int y) {
    const auto* row = luma_.data + y * luma_.stride;
    if (luma_.bit_depth == 8) return reinterpret_cast<const std::uint8_t*>(row);
    const auto slot = static_cast<std::size_t>(y % kKept);
    auto* codes = scratch_.data() + slot * static_cast<std::size_t>(luma_.width);
    if (std::exchange(converted_[slot], y) != y)
      to_codes_simd(row, luma_.width, luma_.bit_depth, codes);
    return codes;
  }

 private:
  static constexpr int kKept = 4;
  const LumaView& luma_;
  std::vector<std::uint8_t>& scratch_;
  std::array<int, kKept> converted_{};  // which row stands there
};

}  // namespace reelmill
