// SPDX-License-Identifier: Apache-2.0
#include "media/picture_change.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace reelmill {

float histogram_change(const FrameFeatures& a, const FrameFeatures& b) noexcept {
  constexpr float kLevelsPerBin = 256.0F / FrameFeatures::kBins;
  int cumulative = 0;
  std::int64_t area = 0;
  for (int bin = 0; bin < FrameFeatures::kBins; ++bin) {
    const auto at = static_cast<std::size_t>(bin);
    cumulative += int{a.histogram[at]} - int{b.histogram[at]};
    area += std::abs(cumulative);
  }
  return static_cast<float>(area) / 65535.0F * kLevelsPerBin;
}

float picture_change(const FrameFeatures& a, const FrameFeatures& b) noexcept {
  return picture_difference(a, b) + histogram_change(a, b);
}

namespace {

constexpr int kBlack = 26;  // levels: 10 % of nominal range

// Cells [left, right) × [top, bottom).
struct Inside {
  int left = 0, right = 0, top = 0, bottom = 0;
};

Inside inside_of_bars(const CellPicture& picture) {
  const auto is_black = [&](int x, int y) {
    return picture.cells[y * picture.columns + x] < kBlack * picture.units;
  };
  const auto is_black_row = [&](int y) {
    for (int x = 0; x < picture.columns; ++x)
      if (!is_black(x, y)) return false;
    return true;
  };
  const auto is_black_column = [&](int x) {
    for (int y = 0; y < picture.rows; ++y)
      if (!is_black(x, y)) return false;
    return true;
  };
  Inside inside{0, picture.columns, 0, picture.rows};
  while (inside.top < picture.rows && is_black_row(inside.top)) ++inside.top;
  while (inside.bottom > inside.top && is_black_row(inside.bottom - 1)) --inside.bottom;
  while (inside.left < picture.columns && is_black_column(inside.left)) ++inside.left;
  while (inside.right > inside.left && is_black_column(inside.right - 1)) --inside.right;
  return inside;
}

// The whole picture where so much is black that it is no bars.
Inside inside_of_both(const CellPicture& a, const CellPicture& b) {
  const auto in_a = inside_of_bars(a), in_b = inside_of_bars(b);
  const Inside both{std::max(in_a.left, in_b.left), std::min(in_a.right, in_b.right),
                    std::max(in_a.top, in_b.top), std::min(in_a.bottom, in_b.bottom)};
  const bool are_bars =
      2 * (both.right - both.left) >= a.columns && 2 * (both.bottom - both.top) >= a.rows;
  return are_bars ? both : Inside{0, a.columns, 0, a.rows};
}

}  // namespace

PictureLikeness picture_likeness(CellPicture a, CellPicture b, float tolerance) noexcept {
  const int black = kBlack * a.units;
  const double noise = 2.0 * a.units;  // deviation that compression alone may make
  const int tolerated = static_cast<int>(tolerance * static_cast<float>(a.units));
  const auto inside = inside_of_both(a, b);
  std::int64_t count = 0, changed = 0;
  double sum_a = 0, sum_b = 0, sum_aa = 0, sum_bb = 0, sum_ab = 0;
  for (int row = inside.top; row < inside.bottom; ++row)
    for (int column = inside.left; column < inside.right; ++column) {
      const int x = a.cells[row * a.columns + column], y = b.cells[row * b.columns + column];
      if (x < black && y < black) continue;
      ++count;
      changed += std::abs(x - y) > tolerated ? 1 : 0;
      sum_a += x;
      sum_b += y;
      sum_aa += static_cast<double>(x) * x;
      sum_bb += static_cast<double>(y) * y;
      sum_ab += static_cast<double>(x) * y;
    }
  PictureLikeness likeness;
  if (count == 0) return likeness;
  const auto n = static_cast<double>(count);
  const double variance_a = sum_aa / n - sum_a / n * (sum_a / n) + noise * noise;
  const double variance_b = sum_bb / n - sum_b / n * (sum_b / n) + noise * noise;
  const double covariance = sum_ab / n - sum_a / n * (sum_b / n);
  likeness.active_share = static_cast<float>(n / (a.columns * a.rows));
  likeness.changed_share = static_cast<float>(static_cast<double>(changed) / n);
  likeness.correlation = static_cast<float>(covariance / std::sqrt(variance_a * variance_b));
  return likeness;
}

PictureLikeness picture_likeness(const FrameFeatures& a, const FrameFeatures& b,
                                 float tolerance) noexcept {
  constexpr int kColumns = FrameFeatures::kPictureWidth, kRows = FrameFeatures::kPictureHeight;
  return picture_likeness(CellPicture{a.picture.data(), kColumns, kRows, 256},
                          CellPicture{b.picture.data(), kColumns, kRows, 256}, tolerance);
}

}  // namespace reelmill
