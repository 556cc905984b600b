// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/frame_score.h"

#include <algorithm>

namespace reelmill {

double frame_score(const FrameFeatures& features, bool is_corrupt) noexcept {
  // Values at which each quality counts half, or stops counting.
  constexpr double kHalfSharp = 100, kHalfContrast = 20, kBright = 60, kNotTooBright = 195;
  constexpr double kCorrupt = 0.1;
  const double sharp = features.sharpness / (features.sharpness + kHalfSharp);
  const double contrast = features.deviation / (features.deviation + kHalfContrast);
  const double light =
      std::min({1.0, features.mean / kBright, (255 - features.mean) / (255 - kNotTooBright)});
  const double exposed = (1.0 - features.dark_share) * (1.0 - features.bright_share);
  return sharp * contrast * std::max(0.0, light) * exposed * (is_corrupt ? kCorrupt : 1);
}

bool is_blank(const FrameFeatures& features) noexcept {
  constexpr float kShare = 0.98F;
  return features.black_share >= kShare || features.bright_share >= kShare;
}

}  // namespace reelmill
