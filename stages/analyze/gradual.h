// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "stages/api/timeline.h"

namespace reelmill {

/// One picture turns into another little by little, over frames [begin, end): the frame before
/// shows the old one alone, the frame `end` the new one alone.
struct GradualChange {
  enum class Kind { dissolve, wipe };
  std::int64_t begin = 0, end = 0;
  Kind kind = Kind::dissolve;
};

/// Finds dissolves and wipes between the given hard cuts (frames, in order).
///
/// Frames are taken as points (PictureVector). In a dissolve they move on a straight line at even
/// speed from the old picture A to the new one B: A. Hampapur, R. Jain, T. Weymouth, Production
/// model based digital video segmentation, 1995. For windows of many lengths, three frames inside
/// are held against that line; what motion within a shot makes lies far off it, because a moved
/// picture is no mixture of where it was and where it will be. Their texture must lose energy as
/// that of a mixture does, all over the picture (TextureMixture): an even background in another
/// light has none, and one that moves keeps it. In a wipe each place of the picture changes by
/// itself and at once, and stays, or an edge passes over it (WipeFit). Of windows that overlap the
/// one with the longest way and the least deviation stays. It must lead to other content, not the
/// same in another light or moved (Displacement). Keeps 32 bytes a frame. Errors: unavailable (the
/// spill file).
Result<std::vector<GradualChange>> find_gradual_changes(const Timeline& timeline,
                                                        const std::vector<std::int64_t>& cuts);

}  // namespace reelmill
