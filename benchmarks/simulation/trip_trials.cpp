// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/simulation/trip_trials.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/manual_clock.h"
#include "benchmarks/simulation/failure_process.h"
#include "resilience/circuit_breaker.h"

namespace reelmill::simulation {
namespace {

constexpr int healthy_calls = 3000;

FailureProcess process(const Failures& failures, Random& random) {
  return failures.burst > 1
             ? FailureProcess::bursts(failures.rate, failures.burst, failures.in_burst, random)
             : FailureProcess::independent(failures.rate, random);
}

CircuitBreakerOptions all_off() {
  return {.failure_threshold = 0, .failure_rate_threshold = 2, .timeout_jitter = 0};
}

/// A breaker, and one call after another to a service that answers at once.
class Trial {
 public:
  explicit Trial(const CircuitBreakerOptions& options) : breaker_("trial", options, clock_) {}

  /// True when this call opened the breaker, which is then closed by hand.
  bool call(bool fails) {
    auto permit = breaker_.acquire();
    fails ? permit->fail(failure_) : permit->succeed();  // a rate may be judged on either
    if (breaker_.state() == CircuitState::closed) return false;
    breaker_.set_mode(CircuitMode::disabled);
    breaker_.set_mode(CircuitMode::automatic);
    return true;
  }

 private:
  ManualClock clock_;
  CircuitBreaker breaker_;
  const Error failure_{ErrorKind::unavailable, "simulated"};
};

}  // namespace

CircuitBreakerOptions five_in_a_row() {
  auto options = all_off();
  options.failure_threshold = 5;
  return options;
}

CircuitBreakerOptions fixed_rate(double rate, int minimum) {
  auto options = all_off();
  options.failure_rate_threshold = rate;
  options.minimum_calls = minimum;
  return options;
}

CircuitBreakerOptions adaptive_only(double false_trip_calls) {
  auto options = all_off();
  options.adaptive = true;
  options.false_trip_calls = false_trip_calls;
  return options;
}

FalseTrips false_trips(const CircuitBreakerOptions& options, Failures failures, int runs,
                       std::int64_t calls, std::uint64_t seed) {
  FalseTrips result;
  for (int run = 0; run < runs; ++run) {
    SeededRandom random(seed + static_cast<std::uint64_t>(run));
    FailureProcess healthy = process(failures, random);
    Trial trial(options);
    for (std::int64_t i = 0; i < calls; ++i)
      result.trips += trial.call(healthy.next_fails()) ? 1 : 0;
    result.calls += static_cast<double>(calls);
  }
  return result;
}

Delay detection_delay(const CircuitBreakerOptions& options, Failures before, double after, int runs,
                      int limit, std::uint64_t seed) {
  Delay result;
  std::vector<int> delays;
  for (int run = 0; run < runs; ++run) {
    SeededRandom random(seed + static_cast<std::uint64_t>(run));
    FailureProcess healthy = process(before, random);
    FailureProcess failing = FailureProcess::independent(after, random);
    Trial trial(options);
    for (int i = 0; i < healthy_calls; ++i) trial.call(healthy.next_fails());
    int calls = 1;
    while (!trial.call(failing.next_fails()) && calls < limit) ++calls;
    result.undetected += calls == limit ? 1 : 0;
    delays.push_back(calls);
  }
  std::sort(delays.begin(), delays.end());
  result.mean = std::accumulate(delays.begin(), delays.end(), 0.0) / runs;
  result.p95 = delays[static_cast<std::size_t>(runs) * 95 / 100];
  return result;
}

double limit_for_delay(double mean_delay, Failures before, double after, int runs, int limit,
                       std::uint64_t seed) {
  const auto delay = [&](double exponent) {
    return detection_delay(adaptive_only(std::pow(10, exponent)), before, after, runs, limit, seed)
        .mean;
  };
  double low = 1, high = 300;  // powers of ten that the option may have
  if (delay(low) > mean_delay) return 0;
  if (delay(high) <= mean_delay) return std::pow(10, high);
  for (int i = 0; i < 10; ++i) {
    const double middle = (low + high) / 2;
    (delay(middle) <= mean_delay ? low : high) = middle;
  }
  return std::pow(10, low);
}

}  // namespace reelmill::simulation
