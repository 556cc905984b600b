// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "stages/api/observer.h"
#include "stages/api/options.h"
#include "stages/api/video_stage.h"

namespace reelmill {

struct TimingOptions {
  Duration video_gap = std::chrono::milliseconds(500);
  Duration audio_gap = std::chrono::milliseconds(50);
};

OptionTable<TimingOptions> timing_options();

/// Where sound begins and ends by its timestamps, where these leave gaps or go back, and how long
/// its samples last: what timestamps and sample counts should agree on.
class SoundTiming final : public AudioObserver {
 public:
  explicit SoundTiming(double gap_s) : gap_s_(gap_s) {}
  void observe(const AudioBlock& block) override;
  Findings finish(double end_s) override;

  bool has_sound() const { return has_sound_; }
  double start_s() const { return start_s_; }
  double end_s() const { return end_s_; }
  double sampled_s() const { return sampled_s_; }              ///< samples ÷ sample rate
  const std::vector<Interval>& gaps() const { return gaps_; }  ///< the first ones
  std::int64_t unlisted_gaps() const { return unlisted_gaps_; }
  double in_gaps_s() const { return in_gaps_s_; }  ///< of all gaps, listed or not

 private:
  double gap_s_;
  bool has_sound_ = false;
  double start_s_ = 0, end_s_ = 0, sampled_s_ = 0;
  std::vector<Interval> gaps_;
  std::int64_t unlisted_gaps_ = 0;
  double in_gaps_s_ = 0;
};

/// Compares the clocks of picture and sound: gaps in the timestamps of either, how far the two
/// begin and end apart, and drift: by how much the sound's own samples run longer than its
/// timestamps say, gaps left out. Limits a viewer notices are in ITU-R BT.1359-1 (sound 45 ms
/// early, 125 ms late).
class TimingStage final : public VideoStage {
 public:
  explicit TimingStage(const TimingOptions& options) : options_(options) {}
  Result<Findings> process(const VideoRecord& video, ArtifactWriter& artifacts) const override;

 private:
  TimingOptions options_;
};

}  // namespace reelmill
