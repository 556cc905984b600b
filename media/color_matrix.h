// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.h"

namespace reelmill {

/// The weights of red and blue in luma, which define a YCbCr matrix.
struct LumaWeights {
  double red = 0, blue = 0;
  friend bool operator==(const LumaWeights&, const LumaWeights&) = default;
};

inline constexpr LumaWeights kBt601{0.299, 0.114};     // also JPEG: ITU-T T.871
inline constexpr LumaWeights kBt709{0.2126, 0.0722};   // ITU-R BT.709
inline constexpr LumaWeights kBt2020{0.2627, 0.0593};  // ITU-R BT.2020

/// The matrix of a frame. Where the stream says nothing, that of players: BT.709 from 720 rows on,
/// BT.601 below. RGB counts as BT.601, which is what swscale makes of it.
LumaWeights matrix_of(const AVFrame& frame);

/// Turns full-range samples of another matrix into those that a JPEG decoder expects.
void to_jpeg_matrix(Picture& picture, LumaWeights from);

}  // namespace reelmill
