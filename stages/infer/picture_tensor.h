// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "media/frame.h"
#include "stages/api/tensor.h"

namespace reelmill {

enum class PixelFormat { rgb, bgr, luma };
enum class TensorLayout {
  nhwc,  ///< the channels of a pixel side by side
  nchw,  ///< one plane a channel
};

/// How a picture becomes numbers.
struct PictureFormat {
  PixelFormat pixels = PixelFormat::rgb;
  TensorLayout layout = TensorLayout::nhwc;
  TensorType type = TensorType::uint8;  ///< uint8 or fp32
  double scale = 1, offset = 0;         ///< fp32: sample × scale + offset

  int channels() const { return pixels == PixelFormat::luma ? 1 : 3; }
};

/// The samples of a picture, 0 to 255 full range, in the format: its part of a batch, without the
/// batch's own dimension. RGB from full-range BT.601, as in JPEG (ITU-T T.871); chroma is repeated,
/// not interpolated.
std::string tensor_of(const Picture& picture, const PictureFormat& format);

}  // namespace reelmill
