// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame_features.h"

namespace reelmill {

/// How far two frames are apart, in levels: the mean absolute difference of their pictures (what
/// moved counts) plus the earth mover's distance of their histograms (what only moved does not).
/// 0 to 510; typical motion stays below 15, unrelated scenes lie at 30 and above.
float picture_change(const FrameFeatures& a, const FrameFeatures& b) noexcept;

/// Earth mover's distance of two luma histograms, in levels. In one dimension it is the area
/// between the two cumulative histograms (Rubner, Tomasi, Guibas: The earth mover's distance as a
/// metric for image retrieval, 2000).
float histogram_change(const FrameFeatures& a, const FrameFeatures& b) noexcept;

/// What two pictures have in common, over the cells that are not black in both and lie inside the
/// bars (rows and columns that are black from end to end) of either: bars would make any two frames
/// alike, and bars that come or go would make two frames of one shot differ.
struct PictureLikeness {
  float active_share = 0;   ///< cells that are not black in both, 0 to 1
  float changed_share = 0;  ///< share of the active cells that differ by more than `tolerance`
  float correlation = 0;  ///< of the active cells, -1 to 1; insensitive to brightness and contrast
};

/// A picture of luma cells, row by row, with the number of units a level has.
struct CellPicture {
  const std::uint16_t* cells;
  int columns, rows, units;
};

/// `tolerance` in levels.
PictureLikeness picture_likeness(CellPicture a, CellPicture b, float tolerance) noexcept;
PictureLikeness picture_likeness(const FrameFeatures& a, const FrameFeatures& b,
                                 float tolerance) noexcept;

}  // namespace reelmill
