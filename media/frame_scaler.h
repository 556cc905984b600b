// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.h"

namespace reelmill {

/// Frame::scaled for libav's own type. Thread-safe; keeps one swscale context a thread.
Result<Picture> scale_frame(const AVFrame& frame, int width, int height, int rotation);

}  // namespace reelmill
