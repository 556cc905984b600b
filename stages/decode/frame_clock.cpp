// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/frame_clock.h"

#include <cmath>
#include <limits>

namespace reelmill {
namespace {

constexpr std::int64_t kLimit = std::numeric_limits<std::int64_t>::max() / 4;

/// One frame at the average rate, in units of the time base; at least 1.
std::int64_t frame_duration(Rational time_base, Rational frame_rate) {
  const double rate = frame_rate.value() > 0 ? frame_rate.value() : 25.0;
  const double unit = time_base.value() > 0 ? time_base.value() : 1.0 / 25.0;
  const double ticks = 1.0 / (rate * unit);
  return ticks >= 1 && ticks < 1e15 ? std::llround(ticks) : 1;
}

}  // namespace

FrameClock::FrameClock(Rational time_base, Rational frame_rate)
    : usual_duration_(frame_duration(time_base, frame_rate)) {}

FrameClock::Times FrameClock::next(const Frame& frame) {
  Times times;
  times.pts = frame.pts() ? *frame.pts() : end_of_last_.value_or(0);
  if (times.pts > kLimit || times.pts < -kLimit) times.pts = end_of_last_.value_or(0);
  const auto own = frame.duration();
  times.duration = own && *own > 0 && *own < kLimit ? *own : usual_duration_;
  end_of_last_ = times.pts + times.duration;
  return times;
}

}  // namespace reelmill
