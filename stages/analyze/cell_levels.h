// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "media/frame_features.h"

namespace reelmill {

/// Luma of a frame's 32 × 18 cells, row by row, in whole levels: what texture is told from.
struct CellLevels {
  static constexpr int kColumns = FrameFeatures::kPictureWidth;
  static constexpr int kRows = FrameFeatures::kPictureHeight;
  static constexpr int kCells = kColumns * kRows;

  std::array<std::uint8_t, kCells> value{};
};

inline CellLevels cell_levels(const FrameFeatures& features) noexcept {
  CellLevels levels;
  for (std::size_t i = 0; i < levels.value.size(); ++i)
    levels.value[i] = static_cast<std::uint8_t>(features.picture[i] >> 8);
  return levels;
}

}  // namespace reelmill
