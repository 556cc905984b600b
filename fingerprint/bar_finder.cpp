// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/bar_finder.h"

#include <algorithm>

namespace reelmill {
namespace {

constexpr float kBarRange = 6;        // levels between the darkest and the brightest cell of a bar
constexpr double kLeastInside = 0.3;  // of width and of height
constexpr double kLeastShare = 0.15;  // of a cell; less is left out

std::size_t at(int row, int column) {
  return static_cast<std::size_t>(row * PictureHasher::kWidth + column);
}

}  // namespace

void BarFinder::add(std::span<const float> picture) {
  for (int row = 0; row < kHeight; ++row) {
    for (int column = 0; column < kWidth; ++column) {
      const auto i = at(row, column);
      const float value = picture[i];
      least_[i] = pictures_ == 0 ? value : std::min(least_[i], value);
      most_[i] = pictures_ == 0 ? value : std::max(most_[i], value);
      sum_[i] += value;
      square_[i] += static_cast<double>(value) * value;
      if (column + 1 < kWidth) right_[i] += static_cast<double>(value) * picture[i + 1];
      if (row + 1 < kHeight) below_[i] += static_cast<double>(value) * picture[at(row + 1, column)];
    }
  }
  ++pictures_;
}

bool BarFinder::is_bar(int from_row, int to_row, int from_column, int to_column) const {
  float least = 255, most = 0;
  for (int row = from_row; row < to_row; ++row) {
    for (int column = from_column; column < to_column; ++column) {
      least = std::min(least, least_[at(row, column)]);
      most = std::max(most, most_[at(row, column)]);
    }
  }
  return most - least <= kBarRange;
}

double BarFinder::content_share(bool is_row, int edge, int inner, double level) const {
  // edge = level + share × (inner - level) wherever content runs on: least squares over all
  // pictures and cells.
  double product = 0, square = 0;
  const int length = is_row ? kWidth : kHeight;
  for (int i = 0; i < length; ++i) {
    const auto a = is_row ? at(edge, i) : at(i, edge);
    const auto b = is_row ? at(inner, i) : at(i, inner);
    const auto& cross = is_row ? below_ : right_;
    const double both = cross[std::min(a, b)];
    product += both - level * (sum_[a] + sum_[b]) + pictures_ * level * level;
    square += square_[b] - 2 * level * sum_[b] + pictures_ * level * level;
  }
  return square <= 0 ? 1 : std::clamp(product / square, 0.0, 1.0);
}

std::optional<PictureArea> BarFinder::area() const {
  if (pictures_ == 0) return {};
  int top = 0, bottom = kHeight, left = 0, right = kWidth;
  while (top < bottom && is_bar(0, top + 1, 0, kWidth)) ++top;
  if (top == bottom) return {};
  while (bottom > top && is_bar(bottom - 1, kHeight, 0, kWidth)) --bottom;
  while (left < right && is_bar(top, bottom, 0, left + 1)) ++left;
  while (right > left && is_bar(top, bottom, right - 1, kWidth)) --right;
  if (top == 0 && bottom == kHeight && left == 0 && right == kWidth) return {};
  if (right - left < kLeastInside * kWidth || bottom - top < kLeastInside * kHeight) return {};
  PictureArea area;
  const auto corner = top > 0 || left > 0 ? at(0, 0) : at(kHeight - 1, kWidth - 1);
  area.bar_level = sum_[corner] / pictures_;
  const auto edge = [&](bool is_row, int outermost, int step) {
    const double share = content_share(is_row, outermost, outermost + step, area.bar_level);
    return share < kLeastShare ? 1.0 : 1 - share;  // how far the bar reaches into this cell
  };
  area.top = (top + (top > 0 ? edge(true, top, 1) : 0)) / kHeight;
  area.bottom = (bottom - (bottom < kHeight ? edge(true, bottom - 1, -1) : 0)) / kHeight;
  area.left = (left + (left > 0 ? edge(false, left, 1) : 0)) / kWidth;
  area.right = (right - (right < kWidth ? edge(false, right - 1, -1) : 0)) / kWidth;
  return area;
}

}  // namespace reelmill
