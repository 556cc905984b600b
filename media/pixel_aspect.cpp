// SPDX-License-Identifier: Apache-2.0
#include "media/pixel_aspect.h"

#include "media/libav.h"

namespace reelmill {

Rational pixel_aspect(const Frame& frame) noexcept {
  constexpr double kMost = 16;
  if (frame.empty()) return {1, 1};
  const auto [num, den] = frame.get()->sample_aspect_ratio;
  if (num <= 0 || den <= 0 || num > kMost * den || den > kMost * num) return {1, 1};
  return {num, den};
}

}  // namespace reelmill
