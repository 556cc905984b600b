// SPDX-License-Identifier: Apache-2.0
#include "media/frame_sums.h"

namespace reelmill {

FrameSums frame_sums_simd(const LumaView& luma) noexcept {
  return frame_sums_reference(luma);
}

}  // namespace reelmill
