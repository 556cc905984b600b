// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace reelmill {

/// The planes of blue and red difference as the decoder left them. Samples are 8 bits, or 16 bits
/// in native order with `bit_depth` significant low bits.
struct ChromaView {
  struct Plane {
    const std::byte* data = nullptr;
    std::ptrdiff_t stride = 0;  ///< bytes between rows; may be negative
  };
  Plane cb, cr;
  int width = 0, height = 0;  ///< samples
  int bit_depth = 8;          ///< 8 to 16
  int step = 1;               ///< bytes between samples of a row: more where planes are interleaved
};

/// The colours of one frame, coarsely: 8 × 4 means of Cb and of Cr over equal areas, row by row,
/// as codes (128 is grey; samples deeper than 8 bits are rounded to 8 first). Of each area at most
/// eight rows, evenly spaced, are taken. Frames smaller than 8 × 4 repeat samples; frames without
/// chroma are grey throughout.
struct ChromaMeans {
  static constexpr int kWidth = 8, kHeight = 4;
  static constexpr int kRowsTaken = 8;  ///< of each area at most
  using Grid = std::array<std::uint8_t, std::size_t{kWidth} * kHeight>;

  static constexpr Grid grey() {
    Grid grid{};
    for (auto& mean : grid) mean = 128;
    return grid;
  }
  Grid cb = grey(), cr = grey();
  friend bool operator==(const ChromaMeans&, const ChromaMeans&) = default;
};

/// Computes the means with the widest SIMD of this processor. Thread-safe, allocates nothing. An
/// empty view gives grey.
ChromaMeans compute_chroma_means(const ChromaView& chroma) noexcept;

/// The same by plain loops: the definition that the fast one must equal.
ChromaMeans compute_chroma_means_reference(const ChromaView& chroma) noexcept;

}  // namespace reelmill
