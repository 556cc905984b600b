// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

struct MotionOptions {
  double still_level = 0.25;
};

OptionTable<MotionOptions> motion_options();

/// Measures motion as the mean absolute difference of consecutive frames' luma (temporal
/// information in the sense of ITU-T P.910, with the mean instead of the deviation), over 32 × 18
/// pictures, in levels of 255. Cuts are left out. `mean` is over all frames, `most` the greatest
/// mean of a second and `most_at_s` where that begins, `still_share` the share of time in seconds
/// below `still_level`.
class MotionDetector final : public Detector {
 public:
  explicit MotionDetector(const MotionOptions& options) : options_(options) {}
  Result<Findings> detect(const Timeline& timeline) const override;

 private:
  MotionOptions options_;
};

}  // namespace reelmill
