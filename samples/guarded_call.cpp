// SPDX-License-Identifier: Apache-2.0
// A function that asks a service, behind a guard: retries, a circuit breaker and timeouts.
#include <iostream>

#include "base/manual_clock.h"
#include "resilience/guard.h"

using namespace reelmill;
using namespace std::chrono_literals;

namespace {

/// Stands for the service: fails as often as it is told to, then answers.
struct Weather {
  int failures = 0;
  int asked = 0;

  Result<int> temperature(const CallContext& context, const std::string& town) {
    ++asked;
    // An HTTP client is given context.deadline and context.stop, and must heed both.
    if (context.attempt <= failures) return fail(ErrorKind::unavailable, "{}: 503", town);
    return 21;
  }
};

}  // namespace

int main() {
  ManualClock clock;  // moves when somebody sleeps, so this sample is done at once;
                      // a program leaves it out and gets system_clock()
  GuardOptions options;
  options.retry =
      RetryOptions{.strategy = RetryStrategy::exponential, .max_attempts = 4, .base_delay = 200ms};
  options.breaker = CircuitBreakerOptions{.failure_threshold = 5, .timeout = 30s};
  options.attempt_timeout = 10s;
  options.total_timeout = 1min;

  // Options outside their range are a value, not an exception: every problem at once.
  auto wrong = options;
  wrong.retry->max_attempts = 0;
  wrong.breaker->timeout = -1s;
  std::cout << Guard::make("weather", wrong, clock).error().message << "\n\n";

  auto guard = Guard::make("weather", options, clock).value();
  guard->on_event([](const GuardEvent& event) { std::cout << event.text() << "\n"; });

  // The decorator: a function like the one it wraps, with protection.
  Weather weather;
  auto temperature = guarded(guard, Idempotency::idempotent,
                             [&](const CallContext& context, const std::string& town) {
                               return weather.temperature(context, town);
                             });

  const auto ask = [&](const char* town) {
    const auto result = temperature(town);
    std::cout << town << ": " << (result ? std::to_string(*result) : to_string(result.error()))
              << "\n";
  };

  weather.failures = 2;
  ask("Oslo");
  std::cout << "after " << weather.asked << " attempts\n";

  weather.failures = 100;  // the service goes down
  weather.asked = 0;
  for (const auto* town : {"Rome", "Bonn", "Nice"}) ask(town);
  std::cout << "asked " << weather.asked << " times while it was down\n";

  weather.failures = 0;  // and comes back
  clock.advance(guard->paused_until() - clock.now());
  for (const auto* town : {"Rome", "Bonn", "Nice"}) ask(town);

  const auto seen = guard->snapshot();
  std::cout << seen.calls << " calls, " << seen.retries << " retries, " << seen.openings
            << " opening, " << seen.refused << " refused\n";
}
