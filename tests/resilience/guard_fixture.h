// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "resilience/guard.h"
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {

inline RetryOptions fixed_delay(int attempts = 3, Duration delay = 1s) {
  return {.strategy = RetryStrategy::fixed, .max_attempts = attempts, .base_delay = delay};
}

/// A guard on a clock of its own, with what it was asked and what it told.
struct TestGuard {
  explicit TestGuard(GuardOptions options)
      : guard(Guard::make("store", std::move(options), clock, random).value()) {
    guard->on_event([this](const GuardEvent& event) { events.push_back(event.text()); });
  }

  /// One attempt that ends with this error, or without.
  Result<int> attempt(std::optional<Error> outcome, std::string_view item = {}) {
    return guard->attempt({.item = item}, [&](const CallContext&) -> Result<int> {
      ++calls;
      if (outcome) return fail(*outcome);
      return calls;
    });
  }
  /// A call whose attempts end one after the other with these, and then succeed.
  Result<int> call(std::vector<Error> outcomes, Idempotency idempotency = Idempotency::idempotent,
                   Clock::time_point deadline = Clock::time_point::max()) {
    std::size_t n = 0;
    return guard->call(
        idempotency,
        [&](const CallContext& context) -> Result<int> {
          ++calls;
          contexts.push_back(context);
          if (n < outcomes.size()) return fail(outcomes[n++]);
          return calls;
        },
        deadline);
  }

  ManualClock clock;
  SeededRandom random{3};
  std::shared_ptr<Guard> guard;
  std::vector<std::string> events;
  std::vector<CallContext> contexts;
  int calls = 0;
};

}  // namespace reelmill::testing
