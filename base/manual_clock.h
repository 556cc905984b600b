// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "base/clock.h"

namespace reelmill {

/// A clock that moves only when told: for tests, simulations and replays.
/// A sleeper wakes when another thread advances past its time, or, with `advances_itself`, moves
/// the clock itself and returns at once. Thread-safe.
class ManualClock final : public Clock {
 public:
  enum class Sleep { waits_for_advance, advances_itself };

  explicit ManualClock(Sleep sleep = Sleep::advances_itself,
                       time_point start = time_point(std::chrono::hours(1)))
      : now_(start.time_since_epoch().count()), sleep_(sleep) {}

  time_point now() const noexcept override { return time_point(Duration(now_.load())); }
  bool sleep_until(time_point when, std::stop_token stop) override;
  void advance(Duration by);
  void set(time_point to);
  /// How many threads sleep on this clock now.
  int sleepers() const;

 private:
  std::atomic<Duration::rep> now_;
  const Sleep sleep_;
  mutable std::mutex mutex_;
  std::condition_variable_any wakes_;
  int sleepers_ = 0;
};

}  // namespace reelmill
