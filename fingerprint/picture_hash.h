// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace reelmill {

/// The part of a picture that is content: edges as shares of width and height (0 to 1), and the
/// level of the bars around it.
struct PictureArea {
  double left = 0, top = 0, right = 1, bottom = 1;
  double bar_level = 0;  ///< 0 to 255
  friend bool operator==(const PictureArea&, const PictureArea&) = default;
};

/// What a small luma picture looks like, in 64 signs: of its lowest frequencies, row by row of
/// equal frequency, so that scaling, recompression, contrast and brightness leave most of them. A
/// sign that noise may turn is marked weak and does not count.
struct PictureHash {
  static constexpr int kBits = 64;
  std::uint64_t signs = 0;
  std::uint64_t weak = ~std::uint64_t{0};

  int strong_bits() const noexcept { return kBits - std::popcount(weak); }
  friend bool operator==(const PictureHash&, const PictureHash&) = default;
};

/// How many of the signs that are strong in both differ, and how many there are.
struct HashDistance {
  int differing = 0, compared = 0;
  /// 0 = alike, about 0.5 = unrelated; 0.5 where too little can be compared.
  double rate() const noexcept {
    constexpr int kLeast = 16;
    return compared < kLeast ? 0.5 : static_cast<double>(differing) / compared;
  }
};

HashDistance distance(const PictureHash& a, const PictureHash& b) noexcept;

/// Computes hashes of 32 × 18 pictures (levels 0 to 255, row by row) from one area of them, as they
/// look after turning by `rotation` degrees clockwise. The signs are those of the continuous cosine
/// transform of the area, so its edges may lie anywhere within a cell. Immutable, thread-safe.
class PictureHasher {
 public:
  static constexpr int kWidth = 32, kHeight = 18;

  explicit PictureHasher(const PictureArea& area = {}, int rotation = 0);
  PictureHash hash(std::span<const float> picture) const;

 private:
  static constexpr int kFrequencies = 11;
  /// How much of each cell of one axis lies in the area, and the integrals of the cosines over it.
  struct Axis {
    int first = 0, count = 0;
    double first_share = 1, last_share = 1;  ///< of the outermost cells, within the area
    std::array<std::vector<float>, kFrequencies> basis;
  };
  static Axis axis_of(double from, double to, int cells);

  PictureArea area_;
  int rotation_;
  Axis x_, y_;
};

}  // namespace reelmill
