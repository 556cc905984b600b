// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/analyze/cell_levels.h"

namespace reelmill {

/// Where a picture was moved to, in cells: what `a` shows at a place, `b` shows `across` further
/// right and `down` further below.
struct Displacement {
  float likeness = -1;  ///< correlation of the textures where they overlap, -1 to 1
  int across = 0, down = 0;

  /// Both show the same. At 953 cuts of generated films the likeness stayed below 0.35; where a
  /// camera moved it comes near 1.
  bool shows_the_same() const { return likeness > 0.5F; }
  bool is_none() const { return across == 0 && down == 0; }
};

/// The displacement, by up to 8 cells across and 5 down (a quarter of the picture), at which two
/// pictures are most alike.
///
/// Texture is the differences of neighbouring cells, each at most 8 levels, so that a few strong
/// edges do not make two pictures alike. None have bars (rows and columns that are black from end
/// to end) and cells that stay as they are: what lies over two shots, as a logo or a band of text,
/// says nothing of them. Sums are of whole numbers, so the same on every processor.
Displacement best_displacement(const CellLevels& a, const CellLevels& b) noexcept;

}  // namespace reelmill
