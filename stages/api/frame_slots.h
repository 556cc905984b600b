// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

namespace reelmill {

/// The slots of "one frame every so often": slot k holds the times from k × interval on, up to the
/// next. Which frame stands for a slot is a matter of the timeline alone, so that it is the same
/// however the file is read: the first one at which decoding can begin (the container's mark),
/// where the slot has one; otherwise its first frame. Decoding the former costs one picture, not
/// the whole group before it.
class FrameSlots {
 public:
  /// `interval_s` > 0.
  explicit constexpr FrameSlots(double interval_s) noexcept : interval_s_(interval_s) {}

  constexpr double interval_s() const noexcept { return interval_s_; }

  /// Empty before the first frame and for absurd times.
  std::optional<std::int64_t> slot_of(double time_s) const noexcept {
    // Half a nanosecond: the same time, computed in another segment, may differ in its last bit.
    constexpr double kRounding = 5e-10;
    const double slots = (time_s + kRounding) / interval_s_;
    if (!(slots >= 0 && slots < 9e15)) return {};
    return static_cast<std::int64_t>(slots);
  }
  double start_s(std::int64_t slot) const noexcept {
    return static_cast<double>(slot) * interval_s_;
  }

 private:
  double interval_s_;
};

}  // namespace reelmill
