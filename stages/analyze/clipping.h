// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "stages/analyze/intervals.h"
#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

struct ClippingOptions {
  double level = -0.01;  ///< dB of full scale
  int min_samples = 3;
  Duration join = std::chrono::seconds(1);
};

OptionTable<ClippingOptions> clipping_options();

/// Finds clipped sound: runs of consecutive samples of one channel at full scale. One or two such
/// samples are an ordinary peak, three and more a flat top (the "overs" of Nielsen and Lund,
/// Overload in Signal Conversion, AES 23rd conference, 2003). Runs close to each other are one
/// interval.
class ClippingObserver final : public AudioObserver {
 public:
  explicit ClippingObserver(const ClippingOptions& options);
  void observe(const AudioBlock& block) override;
  Findings finish(double end_s) override;

 private:
  void end_run(std::int64_t length, double start_s, double end_s);
  void end_all_runs();

  ClippingOptions options_;
  float limit_;
  std::vector<std::int64_t> runs_;  ///< going on, by channel: samples
  double seen_until_s_ = 0, sample_s_ = 0;
  std::int64_t count_ = 0, samples_ = 0, longest_ = 0;
  std::vector<Interval> intervals_;
};

}  // namespace reelmill
