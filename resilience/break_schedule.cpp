// SPDX-License-Identifier: Apache-2.0
#include "resilience/break_schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reelmill {

Duration BreakSchedule::next(Clock::time_point now, Duration retry_after) {
  if (closed_at_ <= now && now - closed_at_ >= options_.max_timeout) breaks_ = 0;
  closed_at_ = Clock::time_point::max();
  const auto cap = static_cast<double>(options_.max_timeout.count());
  // A product that overflows to infinity is cut to the cap like any other; 0 * inf must stay 0.
  const auto first = static_cast<double>(options_.timeout.count());
  double length =
      first == 0 ? 0 : std::min(cap, first * std::pow(options_.timeout_multiplier, breaks_));
  if (options_.timeout_jitter > 0) {
    length *= 1 + options_.timeout_jitter * (2 * random_.uniform() - 1);
  }
  if (breaks_ < std::numeric_limits<int>::max()) ++breaks_;
  const Duration jittered(static_cast<Duration::rep>(std::min(cap, length)));
  return std::min(options_.max_timeout, std::max(jittered, retry_after));
}

void BreakSchedule::reset(Clock::time_point at) {
  breaks_ = 0;
  closed_at_ = at;
}

}  // namespace reelmill
