// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "media/frame.h"

namespace reelmill {

struct PictureSize {
  int width = 0, height = 0;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

/// The size at which a frame has its right shape, before rotation: where its pixels are not square,
/// one side is longer than coded and the other as coded.
PictureSize shown_size(const Frame& frame) noexcept;

/// The greatest size of the frame's own shape, turned by `rotation` degrees, that fits into
/// `bounds` and is not larger than the frame; at least 1 × 1.
PictureSize fitted_size(PictureSize frame, int rotation, PictureSize bounds) noexcept;

}  // namespace reelmill
