// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/picture_vector.h"

namespace reelmill {

PictureVector picture_vector(const FrameFeatures& features) noexcept {
  PictureVector vector;
  std::size_t at = 0;
  constexpr int kWidth = FrameFeatures::kPictureWidth;
  constexpr int kDivisor = 4 * 256 / PictureVector::kUnits;  // four cells in 1/256 level
  for (int y = 0; y < PictureVector::kRows; ++y)
    for (int x = 0; x < PictureVector::kColumns; ++x) {
      const auto* cell = features.picture.data() + 2 * y * kWidth + 2 * x;
      const int sum = int{cell[0]} + cell[1] + cell[kWidth] + cell[kWidth + 1];
      vector.value[at++] = static_cast<std::uint16_t>(sum / kDivisor);
    }
  for (const auto* plane : {&features.chroma.cb, &features.chroma.cr})
    for (const auto code : *plane)
      vector.value[at++] = static_cast<std::uint16_t>(PictureVector::kUnits * code);
  return vector;
}

// At most 208 × (255 × 8)², which fits.
std::int32_t inner_product(const PictureVector& base, const PictureVector& a,
                           const PictureVector& b) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < base.value.size(); ++i) {
    // Narrow on purpose: processors multiply and add 16-bit pairs in one instruction.
    const auto to_a = static_cast<std::int16_t>(a.value[i] - base.value[i]);
    const auto to_b = static_cast<std::int16_t>(b.value[i] - base.value[i]);
    sum += to_a * to_b;
  }
  return sum;
}

PictureLikeness vector_likeness(const PictureVector& a, const PictureVector& b) noexcept {
  constexpr float kTolerance = 6;  // levels
  const auto picture = [](const PictureVector& vector) {
    return CellPicture{vector.value.data(), PictureVector::kColumns, PictureVector::kRows,
                       PictureVector::kUnits};
  };
  return picture_likeness(picture(a), picture(b), kTolerance);
}

}  // namespace reelmill
