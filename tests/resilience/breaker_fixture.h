// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <vector>

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "resilience/circuit_breaker.h"
#include "tests/support/result_matchers.h"

namespace reelmill::testing {

using namespace std::chrono_literals;

inline Error error(ErrorKind kind, Duration retry_after = Duration(0)) {
  return {kind, "test", retry_after};
}

/// A source of chance that always says the same.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(double value) : value_(value) {}
  double uniform() override { return value_; }

 private:
  double value_;
};

/// Options with everything off but what a test turns on: no rates, no jitter.
inline CircuitBreakerOptions quiet_options() {
  return {.failure_threshold = 0, .timeout = 60s, .failure_rate_threshold = 2, .timeout_jitter = 0};
}

/// Opens after so many failures in a row, and closes after so many probes that succeed.
inline CircuitBreakerOptions trips_after(int failures, int successes = 1) {
  auto options = quiet_options();
  options.failure_threshold = failures;
  options.success_threshold = successes;
  return options;
}

/// A breaker on a clock of its own.
struct TestBreaker {
  explicit TestBreaker(CircuitBreakerOptions options, Random& random = default_random())
      : breaker("service", options, clock, random) {
    breaker.on_transition([this](const CircuitTransition& t) { transitions.push_back(t); });
  }

  Result<Permit> acquire() { return breaker.acquire(); }
  /// One call from permit to result; false when the permit was refused.
  bool succeed(Duration takes = 0s, double work_units = 1) {
    auto permit = breaker.acquire();
    if (!permit) return false;
    clock.advance(takes);
    permit->succeed(work_units);
    return true;
  }
  bool fail(ErrorKind kind = ErrorKind::unavailable, Duration retry_after = 0s) {
    auto permit = breaker.acquire();
    if (!permit) return false;
    permit->fail(error(kind, retry_after));
    return true;
  }
  void succeed_times(int n) {
    for (int i = 0; i < n; ++i) EXPECT_TRUE(succeed()) << "call " << i;
  }
  void fail_times(int n) {
    for (int i = 0; i < n; ++i) EXPECT_TRUE(fail()) << "call " << i;
  }
  Permit must_acquire() {
    auto permit = breaker.acquire();
    EXPECT_THAT(permit, IsOk());
    return std::move(permit).value();
  }
  /// How long acquire() is refused from now on; 0 when it is not.
  Duration refusal() {
    auto permit = breaker.acquire();
    return permit ? 0s : permit.error().retry_after;
  }
  bool is_closed() const { return breaker.state() == CircuitState::closed; }
  bool is_open() const { return breaker.state() == CircuitState::open; }
  bool is_half_open() const { return breaker.state() == CircuitState::half_open; }

  ManualClock clock;
  CircuitBreaker breaker;
  std::vector<CircuitTransition> transitions;
};

}  // namespace reelmill::testing
