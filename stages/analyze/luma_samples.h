// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "media/frame_features.h"

namespace reelmill {

/// Sums over parts of a luma plane, whatever its depth, in 8-bit codes. For looking at parts of a
/// few frames; whole planes are compute_frame_features' work.
class LumaSamples {
 public:
  explicit LumaSamples(const LumaView& luma) : luma_(luma) {}

  int width() const noexcept { return luma_.width; }
  int height() const noexcept { return luma_.height; }

  /// Level 0 to 255 on the nominal scale from black to white, of a mean of codes.
  double level(double code) const noexcept {
    constexpr double kBlack = 16, kRange = 219;
    return luma_.is_full_range ? code : (code - kBlack) * 255 / kRange;
  }

  /// Mean level of a row, and of every third sample of a column from `top` to `bottom`.
  double row_level(int y) const {
    return level(of_depth([&](auto rows) {
                   std::int64_t sum = 0;
                   for (int x = 0; x < luma_.width; ++x) sum += rows(y)[x];
                   return static_cast<double>(sum) / luma_.width;
                 }) /
                 scale());
  }
  double column_level(int x, int top, int bottom) const {
    constexpr int kStep = 3;
    return level(of_depth([&](auto rows) {
                   std::int64_t sum = 0;
                   int count = 0;
                   for (int y = top; y < bottom; y += kStep, ++count) sum += rows(y)[x];
                   return static_cast<double>(sum) / count;
                 }) /
                 scale());
  }

  /// How far rows are from the mean of their neighbours at a distance of one and of two rows,
  /// summed over a block of samples; twice the difference, in 8-bit codes.
  struct RowDifferences {
    double of_neighbours = 0, of_field = 0;
  };
  template <int kWide, int kHigh>
  RowDifferences row_differences(int left, int top) const {
    RowDifferences sums;
    of_depth([&](auto rows) {
      std::int64_t of_neighbours = 0, of_field = 0;
      for (int y = top; y < top + kHigh; ++y) {
        const auto *above2 = rows(y - 2) + left, *above = rows(y - 1) + left, *row = rows(y) + left;
        const auto *below = rows(y + 1) + left, *below2 = rows(y + 2) + left;
        int near = 0, far = 0;
        for (int x = 0; x < kWide; ++x) {
          const int here = 2 * row[x];
          near += std::abs(above[x] + below[x] - here);
          far += std::abs(above2[x] + below2[x] - here);
        }
        of_neighbours += near;
        of_field += far;
      }
      sums = {static_cast<double>(of_neighbours) / scale(),
              static_cast<double>(of_field) / scale()};
      return 0.0;
    });
    return sums;
  }

 private:
  double scale() const noexcept { return static_cast<double>(1 << (luma_.bit_depth - 8)); }

  // Calls `work` with a function that returns a row of the plane's own type.
  template <class F>
  double of_depth(F&& work) const {
    const auto* data = luma_.data;
    const auto stride = luma_.stride;
    if (luma_.bit_depth == 8)
      return work([=](int y) { return reinterpret_cast<const std::uint8_t*>(data + y * stride); });
    return work([=](int y) { return reinterpret_cast<const std::uint16_t*>(data + y * stride); });
  }

  LumaView luma_;
};

}  // namespace reelmill
