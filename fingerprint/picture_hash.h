// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
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

/// How many bits are set. The same as std::popcount, which without an instruction of its own is a
/// call into a table (and the program runs on processors of every age).
constexpr int set_bits(std::uint64_t bits) noexcept {
  // Sums of neighbours: in pairs, fours, bytes; the product adds the bytes up.
  bits -= (bits >> 1) & 0x5555555555555555;
  bits = (bits & 0x3333333333333333) + ((bits >> 2) & 0x3333333333333333);
  bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0F;
  return static_cast<int>((bits * 0x0101010101010101) >> 56);
}

/// What a small luma picture looks like, in 64 signs: of its lowest frequencies, row by row of
/// equal frequency, so that scaling, recompression, contrast and brightness leave most of them. A
/// sign that noise may turn is marked weak and does not count.
struct PictureHash {
  static constexpr int kBits = 64;
  std::uint64_t signs = 0;
  std::uint64_t weak = ~std::uint64_t{0};

  int strong_bits() const noexcept { return kBits - set_bits(weak); }
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

inline HashDistance distance(const PictureHash& a, const PictureHash& b) noexcept {
  const std::uint64_t strong = ~(a.weak | b.weak);
  return {set_bits((a.signs ^ b.signs) & strong), set_bits(strong)};
}

/// The amplitudes of a picture's 64 lowest frequencies in levels, the mean left out.
using PictureFrequencies = std::array<float, PictureHash::kBits>;

/// Signs of the 128 frequencies that follow: they tell apart what a still looks like closely.
using PictureDetail = std::array<PictureHash, 2>;

HashDistance distance(const PictureDetail& a, const PictureDetail& b) noexcept;

/// What the picture shows. All signs are weak where it says nothing: black, white, plain.
PictureHash picture_hash(const PictureFrequencies& picture) noexcept;

/// What has changed between two pictures of one scene: the signs of their difference. It knows
/// nothing of what stands still, so it tells recordings of a fixed camera apart. All signs are weak
/// where nothing moves.
PictureHash motion_hash(const PictureFrequencies& now, const PictureFrequencies& before) noexcept;

/// Transforms 32 × 18 pictures (levels 0 to 255, row by row): one area of them, as it looks after
/// turning by `rotation` degrees clockwise. It is the continuous cosine transform of the area, so
/// its edges may lie anywhere within a cell. Immutable, thread-safe.
class PictureHasher {
 public:
  static constexpr int kWidth = 32, kHeight = 18;

  explicit PictureHasher(const PictureArea& area = {}, int rotation = 0);
  PictureFrequencies frequencies(std::span<const float> picture) const;
  PictureDetail detail(std::span<const float> picture) const;
  PictureHash hash(std::span<const float> picture) const {
    return picture_hash(frequencies(picture));
  }

 private:
  /// Of one axis: enough for the 64 lowest frequencies of the plane, and for the detail.
  static constexpr int kLow = 11, kFrequencies = 14;
  using Plane = std::array<std::array<float, kFrequencies>, kFrequencies>;  ///< [x][y]
  /// How much of each cell of one axis lies in the area, and the integrals of the cosines over it.
  struct Axis {
    int first = 0, count = 0;
    double first_share = 1, last_share = 1;  ///< of the outermost cells, within the area
    std::array<std::vector<float>, kFrequencies> basis;
  };
  static Axis axis_of(double from, double to, int cells);
  /// The first `count` frequencies of both axes, not turned yet.
  Plane transform(std::span<const float> picture, int count) const;
  float turned(const Plane& plane, int x, int y) const;

  PictureArea area_;
  int rotation_;
  Axis x_, y_;
};

}  // namespace reelmill
