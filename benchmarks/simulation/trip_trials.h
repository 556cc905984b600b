// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "resilience/circuit_breaker_options.h"

namespace reelmill::simulation {

/// How the failures of a healthy service come.
struct Failures {
  double rate = 0.01;     ///< of all calls
  double burst = 1;       ///< mean calls of a burst; 1 = independent
  double in_burst = 0.8;  ///< share of failing calls in a burst
};

/// A breaker that trips after five failures in a row, and on nothing else.
CircuitBreakerOptions five_in_a_row();
/// One that trips when `rate` of the last 100 calls failed, judged from `minimum` calls on.
CircuitBreakerOptions fixed_rate(double rate, int minimum);
/// One with only the adaptive test.
CircuitBreakerOptions adaptive_only(double false_trip_calls);

struct FalseTrips {
  double calls = 0, trips = 0;
  double calls_per_trip() const { return calls / (trips == 0 ? 1 : trips); }
};

/// How often a breaker opens over a healthy service: `runs` breakers that know nothing yet make
/// `calls` calls each. After a trip a breaker is closed by hand, with what it has learned.
FalseTrips false_trips(const CircuitBreakerOptions& options, Failures failures, int runs,
                       std::int64_t calls, std::uint64_t seed);

struct Delay {
  double mean = 0, p95 = 0;  ///< calls
  int undetected = 0;        ///< runs in which no trip came within the limit; counted as the limit
};

/// How many calls go out after a change until the breaker opens: it makes 3,000 calls to a service
/// that is healthy as `before` says, which then fails a share of `after`, independently.
Delay detection_delay(const CircuitBreakerOptions& options, Failures before, double after, int runs,
                      int limit, std::uint64_t seed);

/// The largest limit (as false_trip_calls) of the adaptive test whose mean detection delay is still
/// within `mean_delay`; 0 when even the smallest is slower.
double limit_for_delay(double mean_delay, Failures before, double after, int runs, int limit,
                       std::uint64_t seed);

}  // namespace reelmill::simulation
