// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame_features.h"

namespace reelmill {

/// How well a frame stands for its shot: sharp, rich in contrast, neither dark nor blown out. From
/// 0 (black, white, damaged) to 1; a function of this frame alone.
double frame_score(const FrameFeatures& features, bool is_corrupt) noexcept;

/// Whether the frame is all black or all white.
bool is_blank(const FrameFeatures& features) noexcept;

}  // namespace reelmill
