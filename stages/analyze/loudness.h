// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ebur128.h>

#include "media/owned.h"
#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

struct LoudnessOptions {
  bool true_peak = false;
};

OptionTable<LoudnessOptions> loudness_options();

/// Measures loudness after EBU R 128: integrated loudness (ITU-R BS.1770-4), loudness range (EBU
/// Tech 3342) and, on request, true peak. A stream that changes its rate or channels is measured
/// in parts and gated as one. What has no finite value (silence, less than 400 ms; less than 3 s
/// for the range) is null; without any sound the whole finding is.
class LoudnessObserver final : public AudioObserver {
 public:
  explicit LoudnessObserver(const LoudnessOptions& options) : options_(options) {}
  void observe(const AudioBlock& block) override;
  Findings finish(double end_s) override;

 private:
  using State = Owned<ebur128_state, ebur128_destroy>;

  ebur128_state* state_for(const AudioView& audio);

  LoudnessOptions options_;
  std::vector<State> parts_;
  std::vector<float> cleaned_;
  double measured_s_ = 0;
  std::string refusal_;
};

}  // namespace reelmill
