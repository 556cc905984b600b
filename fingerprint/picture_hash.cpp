// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/picture_hash.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace reelmill {
namespace {

// Levels. A coefficient this small is as much the encoder's doing as the picture's.
constexpr double kNoise = 0.4;
// The same as a share of the picture's own contrast: what a crop or a logo moves.
constexpr double kWeakShare = 0.12;
// Root mean square of all coefficients below which a picture says nothing.
constexpr double kFlat = 0.8;
// In levels, too: of detail; and of what moves. An encoder leaves alone what stands still.
constexpr double kDetailNoise = 0.3, kMotionNoise = 0.15;

using Frequency = std::pair<std::int8_t, std::int8_t>;  // horizontal, vertical

// In order of their sum: 2 of sum 1, 3 of sum 2, ...; each below `limit`, the first `skipped` left
// out.
template <std::size_t kCount>
constexpr std::array<Frequency, kCount> in_order(int limit, std::size_t skipped) {
  std::array<Frequency, kCount> order{};
  std::size_t seen = 0;
  for (int sum = 1; seen < skipped + kCount; ++sum)
    for (int x = 0; x <= sum && seen < skipped + kCount; ++x) {
      if (x >= limit || sum - x >= limit) continue;
      if (seen >= skipped)
        order[seen - skipped] = {static_cast<std::int8_t>(x), static_cast<std::int8_t>(sum - x)};
      ++seen;
    }
  return order;
}

// The integral of sqrt(2) cos(pi k u) over [from, to].
double cosine_integral(int k, double from, double to) {
  if (k == 0) return to - from;
  const double rate = std::numbers::pi * k;
  return std::numbers::sqrt2 * (std::sin(rate * to) - std::sin(rate * from)) / rate;
}

// `flat`: the contrast (root mean square) below which nothing is said.
PictureHash signs_of(const PictureFrequencies& values, double noise, double flat) {
  double energy = 0;
  for (const float value : values) energy += static_cast<double>(value) * value;
  const double contrast = std::sqrt(energy / PictureHash::kBits);
  PictureHash hash;
  if (contrast < flat) return hash;
  hash.weak = 0;
  const double limit = std::max(noise, kWeakShare * contrast);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] > 0) hash.signs |= std::uint64_t{1} << i;
    if (std::abs(values[i]) < limit) hash.weak |= std::uint64_t{1} << i;
  }
  return hash;
}

}  // namespace

HashDistance distance(const PictureDetail& a, const PictureDetail& b) noexcept {
  HashDistance sum;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto part = distance(a[i], b[i]);
    sum.differing += part.differing;
    sum.compared += part.compared;
  }
  return sum;
}

PictureHash picture_hash(const PictureFrequencies& picture) noexcept {
  return signs_of(picture, kNoise, kFlat);
}

PictureHash motion_hash(const PictureFrequencies& now, const PictureFrequencies& before) noexcept {
  PictureFrequencies change;
  for (std::size_t i = 0; i < change.size(); ++i) change[i] = now[i] - before[i];
  return signs_of(change, kMotionNoise, kMotionNoise);
}

PictureHasher::Axis PictureHasher::axis_of(double from, double to, int cells) {
  Axis axis;
  const double first = from * cells, last = to * cells;
  axis.first = std::clamp(static_cast<int>(std::floor(first)), 0, cells - 1);
  const int end = std::clamp(static_cast<int>(std::ceil(last)), axis.first + 1, cells);
  axis.count = end - axis.first;
  axis.first_share = std::clamp(axis.first + 1 - first, 0.0, 1.0);
  axis.last_share = std::clamp(last - (end - 1), 0.0, 1.0);
  const double length = last - first;
  for (int k = 0; k < kFrequencies; ++k) {
    auto& basis = axis.basis[static_cast<std::size_t>(k)];
    for (int cell = axis.first; cell < end; ++cell) {
      const double u0 = std::clamp((cell - first) / length, 0.0, 1.0);
      const double u1 = std::clamp((cell + 1 - first) / length, 0.0, 1.0);
      basis.push_back(static_cast<float>(cosine_integral(k, u0, u1)));
    }
  }
  return axis;
}

PictureHasher::PictureHasher(const PictureArea& area, int rotation)
    : area_(area),
      rotation_(((rotation % 360) + 360) % 360),
      x_(axis_of(area.left, area.right, kWidth)),
      y_(axis_of(area.top, area.bottom, kHeight)) {}

PictureHasher::Plane PictureHasher::transform(std::span<const float> picture, int count) const {
  // A cell on the edge of the area is a mixture of content and bar: what is the content's part?
  const auto content = [&](float value, double share) {
    return share >= 1 || share <= 0
               ? value
               : static_cast<float>((value - (1 - share) * area_.bar_level) / share);
  };
  const auto share_at = [](const Axis& axis, int i) {
    if (axis.count == 1) return 1.0;
    return i == 0 ? axis.first_share : i == axis.count - 1 ? axis.last_share : 1.0;
  };
  const auto wanted = static_cast<std::size_t>(count);
  Plane plane{};
  for (int row = 0; row < y_.count; ++row) {
    std::array<float, kFrequencies> of_row{};
    const double row_share = share_at(y_, row);
    for (int column = 0; column < x_.count; ++column) {
      const auto at = static_cast<std::size_t>((y_.first + row) * kWidth + x_.first + column);
      const float value = content(picture[at], row_share * share_at(x_, column));
      for (std::size_t k = 0; k < wanted; ++k)
        of_row[k] += value * x_.basis[k][static_cast<std::size_t>(column)];
    }
    for (std::size_t x = 0; x < wanted; ++x)
      for (std::size_t y = 0; y < wanted; ++y)
        plane[x][y] += of_row[x] * y_.basis[y][static_cast<std::size_t>(row)];
  }
  return plane;
}

float PictureHasher::turned(const Plane& plane, int x, int y) const {
  // Mirroring an axis turns the signs of its odd frequencies.
  const auto at = [&](int cx, int cy) {
    return plane[static_cast<std::size_t>(cx)][static_cast<std::size_t>(cy)];
  };
  const auto odd = [](int k) { return k % 2 == 0 ? 1.0F : -1.0F; };
  switch (rotation_) {
    case 90:  // the new horizontal axis is the old vertical one, from bottom to top
      return at(y, x) * odd(x);
    case 180:
      return at(x, y) * odd(x) * odd(y);
    case 270:
      return at(y, x) * odd(y);
    default:
      return at(x, y);
  }
}

PictureFrequencies PictureHasher::frequencies(std::span<const float> picture) const {
  static constexpr auto kOrder = in_order<PictureHash::kBits>(kLow, 0);
  const auto plane = transform(picture, kLow);
  PictureFrequencies values{};
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = turned(plane, kOrder[i].first, kOrder[i].second);
  return values;
}

PictureDetail PictureHasher::detail(std::span<const float> picture) const {
  constexpr std::size_t kBits = PictureHash::kBits;
  static constexpr auto kOrder = in_order<2 * kBits>(kFrequencies, kBits);
  const auto plane = transform(picture, kFrequencies);
  PictureDetail detail;
  for (std::size_t part = 0; part < detail.size(); ++part) {
    PictureFrequencies values{};
    for (std::size_t i = 0; i < kBits; ++i) {
      const auto [x, y] = kOrder[part * kBits + i];
      values[i] = turned(plane, x, y);
    }
    detail[part] = signs_of(values, kDetailNoise, kDetailNoise);
  }
  return detail;
}

}  // namespace reelmill
