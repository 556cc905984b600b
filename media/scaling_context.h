// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/libav.h"

namespace reelmill {

/// Whether samples run from 0 to 255 rather than 16 to 235. Where nothing is said, grey formats
/// count as full range, as in swscale, all others as limited.
bool is_full_range(AVColorRange range, AVPixelFormat format, bool is_gray) noexcept;

/// Converts and scales all of `from` into `to`, whose buffers must exist, by swscale's `filter`
/// (SWS_AREA, ...). Bit-exact whoever asks. RGB becomes YCbCr by BT.601; the matrix of YCbCr stays
/// what it was. False where swscale knows no way. Thread-safe: contexts, which are dear to set up,
/// are lent from a pool, so that memory grows with the scalings at a time and not with the threads.
bool scale_into(const AVFrame& from, AVFrame& to, int filter);

}  // namespace reelmill
