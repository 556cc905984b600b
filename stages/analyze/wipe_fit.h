// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "stages/analyze/picture_vector.h"

namespace reelmill {

/// Three pictures in order between two others: at a quarter, a half and three quarters of the way.
using BetweenPictures = std::array<const PictureVector*, 3>;

/// How three pictures fit a wipe from one picture to another.
struct WipeFit {
  /// Share of the places that change which show one of the two pictures to a quarter of their
  /// difference, and once the new one, always. 0 to 1; 0 where too little changes, or not at an
  /// even speed.
  float exact = 0;
  /// Share of the places that lie on the right side of an edge which passes over the picture at
  /// even speed: the best of six (from the left, the right, the top, the bottom, and a frame that
  /// grows from the middle or shrinks into it). A place shows the picture that it is nearer to, and
  /// counts where the two differ by 25 levels: what moves in both meanwhile is forgiven. 0 to 1; 0
  /// where too little changes, or `exact` is below 0.4.
  float edge = 0;
};

/// Luma alone is looked at.
WipeFit wipe_fit(const PictureVector& old_picture, const PictureVector& new_picture,
                 const BetweenPictures& between) noexcept;

}  // namespace reelmill
