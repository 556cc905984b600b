// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ebur128.h>

#include "media/owned.h"
#include "stages/analyze/k_weighting.h"
#include "stages/analyze/loudness_gate.h"
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
  /// A stretch of sound of one rate and channel count.
  struct Part {
    int channels = 0, rate = 0;
    KWeighting filter;
    std::size_t slice_frames;  ///< in 100 ms
    std::size_t slice_filled = 0;
    double slice_energy = 0;
  };
  using PeakMeter = Owned<ebur128_state, ebur128_destroy>;

  bool is_ready_for(const AudioView& audio);
  void measure(const float* samples, std::size_t frames);
  void measure_peak(const float* samples, std::size_t frames);

  LoudnessOptions options_;
  std::optional<Part> part_;
  LoudnessGate gate_;
  PeakMeter peak_meter_;  ///< of this part, where it was asked for
  double peak_ = 0;       ///< of all parts, as a factor of full scale
  std::vector<float> cleaned_;
  double measured_s_ = 0;
  std::string refusal_;
};

}  // namespace reelmill
