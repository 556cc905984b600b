// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>

#include "fingerprint/picture_hash.h"

namespace reelmill {

/// Finds the bars of a letterbox, pillarbox or frame from the 32 × 18 pictures of a whole video:
/// outer rows and columns that have one level, of whatever brightness, in all pictures. A bar
/// that ends within a cell is measured by how much of its neighbour's changes that cell shows. Not
/// thread-safe.
class BarFinder {
 public:
  void add(std::span<const float> picture);
  /// The area inside the bars; nothing where there are none, or little is left inside.
  std::optional<PictureArea> area() const;

 private:
  static constexpr int kWidth = PictureHasher::kWidth, kHeight = PictureHasher::kHeight;

  bool is_bar(int from_row, int to_row, int from_column, int to_column) const;
  /// The share of content in a cell row or column beside a bar.
  double content_share(bool is_row, int edge, int inner, double level) const;

  std::array<float, kWidth * kHeight> least_{}, most_{};
  /// Sums for the regression of a cell on its neighbours: x², and x times the neighbour to the
  /// right and below.
  std::array<double, kWidth * kHeight> sum_{}, square_{}, right_{}, below_{};
  int pictures_ = 0;
};

}  // namespace reelmill
