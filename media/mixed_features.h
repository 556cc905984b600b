// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame_features.h"

namespace reelmill {

/// What a frame between two others may say of itself, `share` (0 to 1) of the way from `a` to `b`:
/// everything lies on the straight line, but for the deviation, whose square does. A true mixture
/// of two pictures loses contrast and is told from motion by that; this one keeps it, and passes
/// for motion. Size and sharpness are those of `a` until half way.
FrameFeatures mixed_features(const FrameFeatures& a, const FrameFeatures& b, float share) noexcept;

}  // namespace reelmill
