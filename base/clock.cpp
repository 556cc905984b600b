// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <condition_variable>
#include <mutex>

namespace reelmill {

bool SystemClock::sleep_until(time_point when, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wakes;
  std::unique_lock lock(mutex);
  // wait_until on time_point::max() overflows inside the library: a year at a time is enough.
  while (now() < when && !stop.stop_requested()) {
    const auto slice = std::min(when, now() + std::chrono::hours(24 * 365));
    wakes.wait_until(lock, stop, slice, [] { return false; });
  }
  return !stop.stop_requested();
}

Clock& system_clock() noexcept {
  static SystemClock clock;
  return clock;
}

}  // namespace reelmill
