// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.h"

namespace reelmill {

/// The chroma planes inside `frame`, without copying; empty for formats that have none in a shape
/// a ChromaView can show (RGB, palettes, grey, packed YUV, big-endian, floating point).
ChromaView chroma_planes(const AVFrame& frame);

}  // namespace reelmill
