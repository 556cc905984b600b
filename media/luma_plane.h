// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "media/frame.h"

namespace reelmill {

/// The luma plane inside `frame`, without copying; empty for formats that have none in a shape a
/// LumaView can show (RGB, palettes, packed YUV, big-endian, floating point).
std::optional<LumaView> luma_plane(const AVFrame& frame);

/// A full-range 8-bit grey copy of the frame; null where swscale does not know the format.
/// Deterministic on every processor.
Owned<AVFrame, free_frame> convert_to_luma(const AVFrame& frame);

}  // namespace reelmill
