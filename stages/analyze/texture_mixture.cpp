// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/texture_mixture.h"

#include <array>
#include <cmath>
#include <cstdlib>

namespace reelmill {
namespace {

constexpr int kColumns = CellLevels::kColumns, kCells = CellLevels::kCells;
constexpr int kDown = kCells - kColumns;  // differences to the cell below
constexpr int kDifferences = kCells - CellLevels::kRows + kDown;
constexpr int kChanged = 5;             // levels
constexpr float kNoise = kDifferences;  // a squared level of each difference

// Differences to the cell on the right, zero in the last column, and to the one below.
using Texture = std::array<std::int16_t, kCells + kDown>;

// Loops of a known number of steps without a condition: processors take many at once.
Texture texture_of(const CellLevels& levels) {
  std::array<std::int16_t, kCells + 1> cell{};
  for (std::size_t i = 0; i < kCells; ++i) cell[i] = levels.value[i];
  Texture texture{};
  for (std::size_t i = 0; i < kCells; ++i)
    texture[i] = static_cast<std::int16_t>(cell[i + 1] - cell[i]);
  for (std::size_t i = 0; i < kDown; ++i)
    texture[kCells + i] = static_cast<std::int16_t>(cell[i + kColumns] - cell[i]);
  for (std::size_t row = 1; row <= CellLevels::kRows; ++row) texture[row * kColumns - 1] = 0;
  return texture;
}

// At most 1120 × 255², which fits.
float inner_product(const Texture& a, const Texture& b) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return static_cast<float>(sum);
}

float changed_share(const Texture& a, const Texture& b) {
  int changed = 0;
  for (std::size_t i = 0; i < a.size(); ++i) changed += std::abs(b[i] - a[i]) > kChanged ? 1 : 0;
  return static_cast<float>(changed) / kDifferences;
}

}  // namespace

TextureMixture texture_mixture(const CellLevels& old_picture, const CellLevels& new_picture,
                               std::span<const BetweenFrame> between) {
  const Texture a = texture_of(old_picture), b = texture_of(new_picture);
  const float aa = inner_product(a, a), bb = inner_product(b, b), ab = inner_product(a, b);
  const float way = aa + bb - 2 * ab + kNoise;
  float lost = 0, weights = 0, astray = 0;
  for (const auto& [levels, share] : between) {
    const Texture mid = texture_of(*levels);
    const float energy = inner_product(mid, mid);
    const float to_a = inner_product(mid, a), to_b = inner_product(mid, b);
    const float rest = 1 - share, weight = share * rest;
    lost += weight * (rest * aa + share * bb - energy);
    weights += weight * weight;
    // |m - (1 - s) a - s b|²
    astray += energy + rest * rest * aa + share * share * bb +
              2 * (rest * share * ab - rest * to_a - share * to_b);
  }
  TextureMixture mixture;
  mixture.likeness = ab / std::sqrt((aa + kNoise) * (bb + kNoise));
  mixture.changed_share = changed_share(a, b);
  if (weights > 0) mixture.loss = lost / (weights * way);
  if (!between.empty()) mixture.deviation = astray / (way * static_cast<float>(between.size()));
  return mixture;
}

}  // namespace reelmill
