// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.h"
#include "media/stream_info.h"

namespace reelmill {

/// Width to height of one pixel as coded, before rotation: 64:45 for widescreen PAL of 720 × 576.
/// What the container says goes before what the stream says. 1:1 where neither says anything, or
/// something absurd (more than 16 to 1).
Rational pixel_aspect(const Frame& frame) noexcept;

}  // namespace reelmill
