// SPDX-License-Identifier: Apache-2.0
#include "base/manual_clock.h"

namespace reelmill {

bool ManualClock::sleep_until(time_point when, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (sleep_ == Sleep::advances_itself) {
    if (when > now() && !stop.stop_requested()) now_ = when.time_since_epoch().count();
    return !stop.stop_requested();
  }
  ++sleepers_;
  wakes_.wait(lock, stop, [&] { return now() >= when; });
  --sleepers_;
  return !stop.stop_requested();
}

void ManualClock::advance(Duration by) {
  set(now() + by);
}

void ManualClock::set(time_point to) {
  {
    std::lock_guard lock(mutex_);
    now_ = to.time_since_epoch().count();
  }
  wakes_.notify_all();
}

int ManualClock::sleepers() const {
  std::lock_guard lock(mutex_);
  return sleepers_;
}

}  // namespace reelmill
