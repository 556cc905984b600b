// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "stages/api/timeline.h"

namespace reelmill {

/// When a change between two frames counts as a hard cut.
struct HardCutRule {
  double ratio = 3;         ///< times what frames nearby change
  double min_change = 6;    ///< levels, however still the neighbourhood is
  double flash_s = 0.17;    ///< a change that is undone within this time is a flash
  double min_shot_s = 0.2;  ///< of cuts closer than this the greatest stays
};

/// A jump from one picture to another between two frames.
struct HardCut {
  std::int64_t frame = 0;  ///< the first of the new shot
  float change = 0;        ///< picture_change against the frame before, levels
};

/// Finds hard cuts, in order. A cut is a change that
///  - stands out of its neighbourhood (a sliding window without the frames beside it, so that a cut
///    blended over two frames still stands out, and without the two greatest changes on each side,
///    so that a flash or another cut nearby hides none), after B.-L. Yeo and B. Liu, Rapid scene
///    analysis on compressed video, IEEE Trans. Circuits and Systems for Video Technology 5(6),
///    1995;
///  - changes the content, not only its brightness, in a good part of the picture;
///  - does not merely move it, by up to a quarter of the picture (Displacement); and
///  - lasts: no frame shortly after resembles the one before, and the reverse.
/// Reads the timeline twice, keeps 8 bytes a frame. Errors: unavailable (the spill file).
Result<std::vector<HardCut>> find_hard_cuts(const Timeline& timeline, const HardCutRule& rule);

}  // namespace reelmill
