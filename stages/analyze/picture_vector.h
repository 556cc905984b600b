// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "media/picture_change.h"

namespace reelmill {

/// A frame as a point in space: 16 × 9 means of luma and 8 × 4 of each colour, in 1/8 level. Whole
/// numbers, so that distances are the same on every processor.
struct PictureVector {
  static constexpr int kColumns = FrameFeatures::kPictureWidth / 2;
  static constexpr int kRows = FrameFeatures::kPictureHeight / 2;
  static constexpr int kLuma = kColumns * kRows;
  static constexpr int kSize = kLuma + 2 * ChromaMeans::kWidth * ChromaMeans::kHeight;
  static constexpr int kUnits = 8;  ///< a level

  std::array<std::uint16_t, kSize> value{};
};

PictureVector picture_vector(const FrameFeatures& features) noexcept;

/// Inner product of a - base and b - base; with a = b the squared distance. In 1/64 level².
std::int32_t inner_product(const PictureVector& base, const PictureVector& a,
                           const PictureVector& b) noexcept;

/// The squared distance.
inline std::int32_t squared_distance(const PictureVector& a, const PictureVector& b) noexcept {
  return inner_product(a, b, b);
}

/// picture_likeness of the luma of two points.
PictureLikeness vector_likeness(const PictureVector& a, const PictureVector& b) noexcept;

}  // namespace reelmill
