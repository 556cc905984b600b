// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "stages/api/frame_slots.h"
#include "stages/api/observer.h"

namespace reelmill {

/// Keeps what was measured of the frame that stands for each slot (FrameSlots): the same frames
/// however a video is read and cut into segments. Not thread-safe.
template <class T>
class SampledFrames {
 public:
  struct Sample {
    std::int64_t slot = 0;
    bool is_key = false;
    T measured;
  };

  explicit SampledFrames(double every_s) : slots_(every_s) {}

  /// Calls `measure()` where this frame stands for its slot, so far, and keeps what it returns.
  template <class F>
  void offer(const FrameView& frame, F&& measure) {
    const auto slot = slots_.slot_of(frame.time_s);
    if (slot && is_wanted(*slot, frame.frame.is_key()))
      put({*slot, frame.frame.is_key(), measure()});
  }

  /// Takes over the samples of the next segment.
  void append(const SampledFrames& next) {
    for (const auto& sample : next.samples_)
      if (is_wanted(sample.slot, sample.is_key)) put(sample);
  }

  /// In the order of slots.
  const std::vector<Sample>& list() const { return samples_; }

 private:
  bool is_wanted(std::int64_t slot, bool is_key) const {
    if (samples_.empty() || slot > samples_.back().slot) return true;
    return slot == samples_.back().slot && is_key && !samples_.back().is_key;
  }
  void put(Sample sample) {
    if (!samples_.empty() && samples_.back().slot == sample.slot) samples_.pop_back();
    samples_.push_back(std::move(sample));
  }

  FrameSlots slots_;
  std::vector<Sample> samples_;
};

}  // namespace reelmill
