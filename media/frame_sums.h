// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "media/frame_features.h"

namespace reelmill {

/// The whole numbers from which FrameFeatures are made: exact, so that every way of adding them up
/// gives the same features.
struct FrameSums {
  static constexpr int kBlocks = FrameFeatures::kPictureWidth * FrameFeatures::kPictureHeight;

  std::array<std::uint64_t, kBlocks> block{};  ///< sum of codes in each block of the picture
  std::uint64_t total = 0;                     ///< sum of all codes
  std::uint64_t black = 0;                     ///< codes at or below black_code()
  std::uint64_t laplacian = 0;                 ///< sum of squared Laplacians
};

/// The highest code that counts as black.
constexpr int black_code(const LumaView& luma) noexcept {
  return luma.is_full_range ? 25 : 37;  // 10 % of 255; 16 + 10 % of 219
}

/// A sample of more than 8 bits as a code.
constexpr std::uint8_t code_of(std::uint16_t sample, int bit_depth) noexcept {
  const unsigned half = 1U << (bit_depth - 9);
  const unsigned rounded = std::min(sample + half, 65535U) >> (bit_depth - 8);
  return static_cast<std::uint8_t>(std::min(rounded, 255U));
}

/// Samples [begin, end) along one side of the frame that belong to block `index` of `count`; at
/// least one, so that frames smaller than the picture repeat samples.
struct BlockRange {
  int begin = 0, end = 0;
};
constexpr BlockRange block_range(int index, int count, int size) noexcept {
  const auto at = [&](int i) { return static_cast<int>(std::int64_t{i} * size / count); };
  return {at(index), std::max(at(index + 1), at(index) + 1)};
}

/// Whether the Laplacian is taken in this row or column: the inner even ones.
constexpr bool has_laplacian(int position, int size) noexcept {
  return position % 2 == 0 && position >= 1 && position + 1 < size;
}

/// How often each code occurs on the grid of samples.
struct GridHistogram {
  std::array<std::uint32_t, 256> count{};
  std::uint64_t samples = 0;
};
GridHistogram grid_histogram(const LumaView& luma) noexcept;

/// The features from the sums; the only place with floating-point numbers.
FrameFeatures features_from(const LumaView& luma, const FrameSums& sums,
                            const GridHistogram& histogram) noexcept;

/// The sums by plain loops.
FrameSums frame_sums_reference(const LumaView& luma) noexcept;

/// The sums with SIMD. Falls back to the plain loops for frames too small for it.
FrameSums frame_sums_simd(const LumaView& luma) noexcept;

}  // namespace reelmill
