// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

struct FreezeOptions {
  Duration min_duration = std::chrono::seconds(2);
  double noise = -60;  ///< dB of full scale
};

OptionTable<FreezeOptions> freeze_options();

/// Finds the stretches in which the picture stands still: every frame shows what the frame showed
/// with which the stretch began, so that a slow drift is no freeze. The measure is the mean
/// absolute difference relative to full scale, as in FFmpeg's freezedetect, here of the small
/// pictures; and no single cell of them may differ by more than 96 times that, so that a small
/// thing that moves on a still ground is seen.
class FreezeDetector final : public Detector {
 public:
  explicit FreezeDetector(const FreezeOptions& options) : options_(options) {}
  Result<Findings> detect(const Timeline& timeline) const override;

 private:
  FreezeOptions options_;
};

}  // namespace reelmill
