// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "media/chroma_means.h"

namespace reelmill {

/// A luma plane as the decoder left it. Rows are `stride` bytes apart; the stride may be negative.
/// Samples are 8 bits, or 16 bits in native order with `bit_depth` significant low bits.
struct LumaView {
  const std::byte* data = nullptr;
  std::ptrdiff_t stride = 0;   ///< bytes
  int width = 0, height = 0;   ///< samples
  int bit_depth = 8;           ///< 8 to 16
  bool is_full_range = false;  ///< 0-255 rather than 16-235, scaled by depth
};

/// What one frame says of itself, independent of its neighbours, so that it is the same however a
/// video is cut into segments: from its luma plane alone but for `chroma`. Trivially copyable:
/// stored as it is.
///
/// Definition. Samples deeper than 8 bits are rounded to 8 first: a code is 0 to 255. A level is a
/// code on the nominal scale 0 (black) to 255 (white): limited range is stretched, (code - 16) ×
/// 255 / 219, and clamped. Means are taken over codes and stretched afterwards. What needs a
/// histogram is taken from a regular grid of samples (kMinGridSamples), everything else from whole
/// rows (kMinRows).
struct FrameFeatures {
  static constexpr int kPictureWidth = 32, kPictureHeight = 18;
  static constexpr int kBins = 64;

  /// The grid's step is the largest odd number that leaves at least so many samples; it begins at
  /// half a step from the upper left corner. Odd, so that it meets both fields and all places of a
  /// codec's blocks. Small frames are taken whole.
  static constexpr int kMinGridSamples = 7'000;

  /// Everything else is taken from groups of three neighbouring rows. Below twice this height all
  /// rows are in a group; in taller frames the groups lie as far apart as leaves at least so many
  /// rows, from top to bottom: beyond that more rows cost time and say nothing new.
  static constexpr int kMinRows = 360;

  float mean = 0;          ///< levels
  float deviation = 0;     ///< standard deviation, levels; grid
  float black_share = 0;   ///< share of pixels at or below 10 % of nominal range, 0 to 1
  float sharpness = 0;     ///< mean squared 4-neighbour Laplacian, levels²; middle rows of
                           ///< groups, even columns
  float dark_share = 0;    ///< share at or below 5 % of nominal range: crushed shadows; grid
  float bright_share = 0;  ///< share at or above 95 % of nominal range: blown highlights; grid
  std::uint16_t width = 0, height = 0;  ///< of the frame, samples
  std::array<std::uint16_t, kBins>
      histogram{};  ///< share of pixels in 64 equal bins of the nominal scale, × 65535; grid
  /// 32 × 18 means of equal areas, row by row, in 1/256 level. Frames smaller than that repeat
  /// samples.
  std::array<std::uint16_t, kPictureWidth * kPictureHeight> picture{};
  /// Colours, where a stage asked for them; grey throughout where none did or there are none.
  ChromaMeans chroma;
};

/// Computes all features of luma in one pass, with the widest SIMD of this processor. Thread-safe,
/// allocates nothing per frame beyond a per-thread scratch row. 1×1 and larger; zero-sized planes
/// give zeroes.
FrameFeatures compute_frame_features(const LumaView& luma) noexcept;

/// The same by plain loops: the definition that the fast one must equal bit for bit.
FrameFeatures compute_frame_features_reference(const LumaView& luma) noexcept;

/// Mean absolute difference of two pictures, in levels (0 to 255).
float picture_difference(const FrameFeatures& a, const FrameFeatures& b) noexcept;

}  // namespace reelmill
