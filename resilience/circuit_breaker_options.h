// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace reelmill {

/// When a CircuitBreaker trips, how long it breaks, and how it finds out that all is well again.
struct CircuitBreakerOptions {
  int failure_threshold = 5;                    ///< consecutive failures that trip; 0 = off
  int success_threshold = 3;                    ///< probe successes that close
  Duration timeout = std::chrono::seconds(60);  ///< the first break
  double failure_rate_threshold = 0.5;          ///< of the window; above 1 = off
  int window_calls = 100;                       ///< count window; 0 = use window_time
  Duration window_time{0};  ///< time window, in `window_buckets` clock-aligned buckets
  int window_buckets = 10;
  int minimum_calls = 20;          ///< no rate is judged on fewer; at most window_calls count
  Duration slow_call_duration{0};  ///< 0 = off; slow is strictly longer, per unit of work
  double slow_call_rate_threshold = 1.0;  ///< of the window; above 1 = off
  int permitted_probes = 0;               ///< 0 = success_threshold; smaller than it is refused
  Duration probe_timeout{0};        ///< 0 = timeout; an unreported probe counts as failed then
  double timeout_multiplier = 2.0;  ///< each further break is longer by this
  Duration max_timeout = std::chrono::minutes(10);  ///< the longest break
  double timeout_jitter = 0.1;  ///< a break lasts U(1 - jitter, 1 + jitter) of its length
  Duration ramp_step{0};        ///< after closing the admitted share doubles every step; 0 = off
  double ramp_start = 0.1;      ///< the share admitted right after closing
  /// The sequential test against the learned baseline. The consecutive and rate tests are off
  /// then, unless their thresholds differ from the defaults above. `throttled` is not counted in
  /// it.
  bool adaptive = false;
  double false_trip_calls = 1e7;  ///< the adaptive test trips falsely about once in so many calls
  double learn_calls = 300;       ///< calls that teach the baseline before the test arms

  bool operator==(const CircuitBreakerOptions&) const = default;

  /// The probes admitted at once in the half-open state.
  int effective_probes() const {
    return permitted_probes == 0 ? success_threshold : permitted_probes;
  }
};

/// Every problem at once, `option: value is outside low to high`; empty = fine.
std::vector<std::string> validate(const CircuitBreakerOptions& options);

}  // namespace reelmill
