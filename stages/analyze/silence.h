// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/error.h"
#include "stages/analyze/intervals.h"
#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

struct SilenceOptions {
  Duration min_duration = std::chrono::seconds(2);
  double level = -60;  ///< dB of full scale
};

OptionTable<SilenceOptions> silence_options();

/// Finds the stretches in which every sample of every channel stays below the level, to the
/// sample: the meaning of FFmpeg's silencedetect.
class SilenceObserver final : public AudioObserver {
 public:
  explicit SilenceObserver(const SilenceOptions& options);
  void observe(const AudioBlock& block) override;
  Findings finish(double end_s) override;

 private:
  struct Sound {
    const float* samples;
    std::size_t channels;
    double time_s, rate;
    bool is_silent(std::size_t frame, float limit) const;
    double time_of(std::size_t frame) const { return time_s + static_cast<double>(frame) / rate; }
  };
  void take_each(const Sound& sound, std::size_t from, std::size_t to);
  void take_loud(const Sound& sound, std::size_t from, std::size_t to);
  void close(double at_s);

  float limit_;
  double shortest_s_;
  LongIntervals silent_;
  std::optional<double> since_s_;
};

}  // namespace reelmill
