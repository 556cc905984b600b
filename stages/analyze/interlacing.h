// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/analyze/luma_samples.h"
#include "stages/analyze/sampled_frames.h"
#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

struct InterlacingOptions {
  double share = 0.15;
};

OptionTable<InterlacingOptions> interlacing_options();

/// The share of blocks (16 × 32 samples, a quarter of the picture) in which lines resemble the next
/// but one more than their neighbours: the comb that two fields of different times leave where
/// something moves. 0 for frames too small to tell.
double combed_share(const LumaSamples& luma);

/// Looks at one frame a second for combs, after the principle of FFmpeg's idet (lines compared with
/// their neighbours of either field) but within one frame, so that it does not depend on a field
/// order. Reports the share of frames with combs, the share that the stream itself flags as
/// interlaced, and whether the video is interlaced in truth: combs in at least `share` of what was
/// looked at. Interlaced video without motion has no combs and counts as progressive, which is how
/// it looks.
class InterlacingObserver final : public FrameObserver {
 public:
  explicit InterlacingObserver(const InterlacingOptions& options) : options_(options) {}
  void observe(const FrameView& frame) override;
  void merge(FrameObserver& next, std::int64_t frame_offset) override;
  Findings finish() override;

 private:
  struct Sample {
    bool is_combed = false, is_flagged = false;
  };
  InterlacingOptions options_;
  SampledFrames<Sample> samples_{1.0};
};

}  // namespace reelmill
