// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "media/frame_features.h"

namespace reelmill {

/// The whole numbers from which FrameFeatures are made, over the rows that count: exact, so that
/// every way of adding them up gives the same features.
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

/// The rows that count: groups of three neighbours, so that the middle one has its Laplacian
/// without another row, and in tall frames gaps between the groups (FrameFeatures::kMinRows).
class RowGroups {
 public:
  static constexpr int kRows = 3;

  constexpr explicit RowGroups(int height) noexcept
      : height_(height), period_(kRows * std::max(1, height / FrameFeatures::kMinRows)) {}

  constexpr int period() const noexcept { return period_; }
  /// Place in its period: 0 to 2 count.
  constexpr int phase(int y) const noexcept { return y % period_; }
  constexpr bool has_row(int y) const noexcept { return phase(y) < kRows; }
  constexpr bool has_laplacian(int y) const noexcept { return phase(y) == 1 && y + 1 < height_; }
  /// Rows in [begin, end) that count.
  constexpr int count(int begin, int end) const noexcept { return before(end) - before(begin); }
  constexpr int laplacians() const noexcept {
    return height_ < kRows ? 0 : (height_ - kRows) / period_ + 1;
  }

 private:
  constexpr int before(int y) const noexcept {
    return y / period_ * kRows + std::min(y % period_, kRows);
  }
  int height_, period_;
};

/// Whether the Laplacian is taken in this column: the inner even ones.
constexpr bool has_laplacian(int x, int width) noexcept {
  return x % 2 == 0 && x >= 1 && x + 1 < width;
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
