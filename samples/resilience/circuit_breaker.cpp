// SPDX-License-Identifier: Apache-2.0
// A circuit breaker by hand: permits, states, and results that come too late.
#include "resilience/circuit_breaker.h"

#include <iostream>

#include "base/manual_clock.h"

using namespace reelmill;
using namespace std::chrono_literals;

int main() {
  ManualClock clock;
  CircuitBreaker breaker(
      "store",
      {.failure_threshold = 3, .success_threshold = 2, .timeout = 30s, .timeout_jitter = 0}, clock);
  breaker.on_transition([](const CircuitTransition& change) {
    std::cout << to_string(change.from) << " -> " << to_string(change.to) << ": " << change.reason
              << "\n";
  });

  auto late = breaker.acquire();  // a call that will take long

  for (int i = 0; i < 3; ++i) {
    auto permit = breaker.acquire();
    permit->fail({ErrorKind::unavailable, "503"});
  }

  const auto refused = breaker.acquire();
  std::cout << to_string(refused.error().kind) << " for " << refused.error().retry_after / 1s
            << " s\n";

  late->succeed();  // from before the break: counted as stale, closes nothing
  std::cout << "still " << to_string(breaker.state()) << ", " << breaker.snapshot().stale
            << " stale\n";

  clock.advance(30s);
  for (int i = 0; i < 2; ++i) breaker.acquire()->succeed();  // the probes

  breaker.set_mode(CircuitMode::forced_open);  // maintenance
  std::cout << "forced: " << (breaker.acquire() ? "admitted" : "refused") << "\n";
  breaker.set_mode(CircuitMode::automatic);
  std::cout << "then " << to_string(breaker.state()) << "\n";
}
