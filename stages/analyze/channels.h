// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

struct ChannelsOptions {
  double silent_level = -60;  ///< dB of full scale
  double same_level = -60;    ///< dB of full scale
};

OptionTable<ChannelsOptions> channels_options();

/// Tells which channels of the sound carry nothing, and which carry what the first does: a stereo
/// track that is mono in truth. A channel is silent when none of its samples reaches the level (the
/// silence of EBU R 128 s1 and of FFmpeg's silencedetect, for one channel and the whole length);
/// two are the same when their difference never reaches it. After a change of the number of
/// channels only the part before it is told of, with a warning.
class ChannelsObserver final : public AudioObserver {
 public:
  explicit ChannelsObserver(const ChannelsOptions& options);
  void observe(const AudioBlock& block) override;
  Findings finish(double end_s) override;

 private:
  ChannelsOptions options_;
  float same_;                      ///< amplitude
  std::vector<float> peaks_;        ///< of each channel
  std::vector<float> differences_;  ///< of each channel from the first: the greatest seen
  bool has_changed_ = false;
};

}  // namespace reelmill
