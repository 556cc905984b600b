// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include "base/clock.h"
#include "base/result.h"
#include "resilience/limit_options.h"

namespace reelmill {

/// A token bucket: `per_second` tokens flow in, at most `burst` are saved up, and a call that finds
/// too few is refused with the time after which there will be enough. It never sleeps. With
/// `adaptive` the rate is cut to 0.7 of itself when the service throttles, and comes back along the
/// cubic curve of TCP CUBIC (RFC 9438): quickly at first, carefully around the rate that was too
/// much, never above `per_second`. Thread-safe.
class RateLimiter {
 public:
  /// Throws std::invalid_argument with every problem of the options.
  RateLimiter(RateLimiterOptions options, Clock& clock);

  /// Refused: Error{rejected, retry_after}. Below zero counts as zero. More than `burst` tokens at
  /// once are granted from a full bucket and paid off later.
  Status try_acquire(double tokens = 1);
  /// Tokens of a call that was not made after all. Never above the burst.
  void give_back(double tokens = 1);
  /// The service asked us to slow down.
  void throttled();
  /// The same for a call that began at `began`: calls from before the last cut say nothing new.
  void throttled(Clock::time_point began);

  double per_second() const;  ///< the rate now
  double available() const;   ///< tokens now; below zero while a large call is paid off

 private:
  void refill(Clock::time_point now);
  double rate_at(Clock::time_point now) const;
  void cut(Clock::time_point now);

  const RateLimiterOptions options_;
  Clock& clock_;
  mutable std::mutex mutex_;
  double tokens_;
  Clock::time_point refilled_at_;
  double rate_before_cut_;  ///< what was too much
  Clock::time_point cut_at_ = Clock::time_point::min();
};

}  // namespace reelmill
