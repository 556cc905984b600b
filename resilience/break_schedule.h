// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "resilience/circuit_breaker_options.h"

namespace reelmill {

/// How long the breaks of a circuit breaker last: each longer than the one before, until the
/// breaker has been closed for `max_timeout`. Not thread-safe.
class BreakSchedule {
 public:
  BreakSchedule(const CircuitBreakerOptions& options, Random& random)
      : options_(options), random_(random) {}

  /// Break n: min(max_timeout, timeout * multiplier^(n-1)) * U(1 - jitter, 1 + jitter), at most
  /// max_timeout, and at least `retry_after` up to that.
  Duration next(Clock::time_point now, Duration retry_after);
  void closed(Clock::time_point at) { closed_at_ = at; }
  void reset(Clock::time_point at);

 private:
  const CircuitBreakerOptions& options_;
  Random& random_;
  int breaks_ = 0;
  Clock::time_point closed_at_ = Clock::time_point::max();  ///< max() while not closed
};

}  // namespace reelmill
