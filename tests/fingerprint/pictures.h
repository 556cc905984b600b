// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "fingerprint/fingerprint.h"

namespace reelmill::test {

using Picture = std::array<float, PictureHasher::kWidth * PictureHasher::kHeight>;

/// A level (0 to 255) for each place (0 to 1) of a picture.
using Level = std::function<double(double x, double y)>;

/// Soft spots of light and shade, others for each number.
inline Level scene(unsigned number) {
  struct Spot {
    double x, y, radius, level;
  };
  std::mt19937 random(number * 7919 + 1);
  std::uniform_real_distribution<double> place(-0.1, 1.1), radius(0.06, 0.35), level(-140, 140);
  std::vector<Spot> spots;
  for (int i = 0; i < 24; ++i)
    spots.push_back({place(random), place(random), radius(random), level(random)});
  return [spots](double x, double y) {
    double sum = 128;
    for (const auto& spot : spots) {
      const double dx = (x - spot.x) / spot.radius, dy = (y - spot.y) / spot.radius;
      sum += spot.level * std::exp(-(dx * dx + dy * dy));
    }
    return std::fmin(255, std::fmax(0, sum));
  };
}

/// The part of a picture between the edges, stretched to all of it.
inline Level cropped(Level picture, double left, double top, double right, double bottom) {
  return [=](double x, double y) {
    return picture(left + x * (right - left), top + y * (bottom - top));
  };
}

/// The whole picture within the edges, one level around it.
inline Level framed(Level picture, const PictureArea& area) {
  return [=](double x, double y) {
    if (x < area.left || x >= area.right || y < area.top || y >= area.bottom) return area.bar_level;
    return picture((x - area.left) / (area.right - area.left),
                   (y - area.top) / (area.bottom - area.top));
  };
}

/// Means over the cells.
inline Picture shrunk(const Level& picture) {
  constexpr int kFine = 4, kWide = PictureHasher::kWidth, kHigh = PictureHasher::kHeight;
  Picture cells{};
  for (int row = 0; row < kHigh * kFine; ++row)
    for (int column = 0; column < kWide * kFine; ++column)
      cells[static_cast<std::size_t>(row / kFine * kWide + column / kFine)] += static_cast<float>(
          picture((column + 0.5) / (kWide * kFine), (row + 0.5) / (kHigh * kFine)) /
          (kFine * kFine));
  return cells;
}

/// Hashes of scenes shown for `slots` each, one after the other.
inline std::vector<SlotHash> shown(const std::vector<unsigned>& scenes, std::uint32_t slots = 4,
                                   std::uint32_t first_slot = 0) {
  const PictureHasher hasher;
  std::vector<SlotHash> hashes;
  for (const auto number : scenes) {
    const auto hash = hasher.hash(shrunk(scene(number)));
    for (std::uint32_t i = 0; i < slots; ++i)
      hashes.push_back({first_slot + static_cast<std::uint32_t>(hashes.size()), hash});
  }
  return hashes;
}

/// A fingerprint of the same.
inline Fingerprint print_of(const std::vector<unsigned>& scenes, std::uint32_t slots = 4) {
  Fingerprint print;
  print.whole = shown(scenes, slots);
  print.duration_s = static_cast<double>(print.whole.size()) * Fingerprint::kSlot_s;
  return print;
}

}  // namespace reelmill::test
