// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "media/frame.h"
#include "media/stream_info.h"

namespace reelmill {

/// Gives every frame a pts and a duration in the stream's time base: its own where it has one,
/// otherwise the end of the frame before. Not thread-safe.
class FrameClock {
 public:
  FrameClock(Rational time_base, Rational frame_rate);

  struct Times {
    std::int64_t pts = 0, duration = 0;
  };
  Times next(const Frame& frame);

 private:
  std::int64_t usual_duration_;
  std::optional<std::int64_t> end_of_last_;
};

}  // namespace reelmill
