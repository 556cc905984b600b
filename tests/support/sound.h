// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "stages/api/observer.h"

namespace reelmill::test {

/// Interleaved samples that are handed to an observer in blocks.
struct Sound {
  int channels = 2;
  int rate = 48000;
  std::vector<float> samples = {};

  Sound& silence(double seconds) { return tone(0, seconds); }
  /// A sine of 997 Hz on all channels.
  Sound& tone(double amplitude, double seconds) {
    const auto frames = static_cast<std::size_t>(std::llround(seconds * rate));
    for (std::size_t i = 0; i < frames; ++i) {
      const double phase = 2 * std::numbers::pi * 997 * static_cast<double>(i) / rate;
      samples.insert(samples.end(), static_cast<std::size_t>(channels),
                     static_cast<float>(amplitude * std::sin(phase)));
    }
    return *this;
  }
  double seconds() const { return static_cast<double>(samples.size()) / channels / rate; }
};

/// Returns when the last sample ends.
inline double play(AudioObserver& observer, const Sound& sound, double from_s = 0,
                   std::size_t block_frames = 1024) {
  const auto step = block_frames * static_cast<std::size_t>(sound.channels);
  double time_s = from_s;
  for (std::size_t at = 0; at < sound.samples.size(); at += step) {
    AudioView view;
    view.samples = std::span(sound.samples).subspan(at, std::min(step, sound.samples.size() - at));
    view.channels = sound.channels;
    view.sample_rate = sound.rate;
    observer.observe({view, time_s});
    time_s = from_s + static_cast<double>(at + view.samples.size()) / sound.channels / sound.rate;
  }
  return time_s;
}

}  // namespace reelmill::test
