// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "stages/analyze/cell_levels.h"

namespace reelmill {

/// A frame between two others, and how far along the way from the first to the second it would be
/// in a mixture, 0 to 1.
struct BetweenFrame {
  const CellLevels* levels;
  float share;
};

/// How the texture of frames between two pictures fits a mixture of the two. Texture is the
/// differences of neighbouring cells: an even background that changes its light has none.
struct TextureMixture {
  /// Energy that the texture loses on the way, of what a mixture would lose. A mixture of shares
  /// 1 - s and s has the energy (1 - s)² A + s² B + 2 s (1 - s) C of the two energies A and B and
  /// their inner product C: s (1 - s) (A + B - 2 C) less than a straight line from A to B, after
  /// A. M. Alattar, Detecting and compressing dissolve regions in video sequences with a DVI
  /// multimedia image compression algorithm, 1993, for the variance of a picture. 1 in a mixture,
  /// however its pictures move meanwhile; 0 where one texture only moves.
  float loss = 0;
  /// Mean squared distance from where a mixture would be, of the squared distance of the two ends.
  float deviation = 0;
  /// Correlation of the two ends' textures, -1 to 1.
  float likeness = 0;
  /// Share of the differences that are others in the two ends, 0 to 1.
  float changed_share = 0;
};

/// Sums are of whole numbers, so the same on every processor. Differences below a level, which
/// compression makes, pass for no texture: even pictures lose nothing.
TextureMixture texture_mixture(const CellLevels& old_picture, const CellLevels& new_picture,
                               std::span<const BetweenFrame> between);

}  // namespace reelmill
