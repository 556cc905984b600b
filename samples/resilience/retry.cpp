// SPDX-License-Identifier: Apache-2.0
// Retries by hand: what is tried again, after how long, and on whose account.
#include "resilience/retry.h"

#include <iostream>

#include "base/manual_clock.h"

using namespace reelmill;
using namespace std::chrono_literals;

namespace {

void ask(Retry& retry, const char* what, Idempotency idempotency, const Error& error) {
  auto session = retry.begin(idempotency);
  std::string delays;
  while (const auto delay = session.next_delay(error))
    delays += " " + std::to_string(*delay / 1ms) + " ms";
  std::cout << what << ": " << (delays.empty() ? "not tried again" : "again after" + delays) << " ("
            << to_string(*session.gave_up()) << ")\n";
}

}  // namespace

int main() {
  ManualClock clock;
  // One Retry for each service: its budget is what all calls to it share.
  Retry retry("store",
              {.strategy = RetryStrategy::exponential, .max_attempts = 4, .base_delay = 100ms},
              {.capacity = 100, .retry_cost = 14}, clock);

  const Error busy{ErrorKind::unavailable, "503"};
  ask(retry, "busy", Idempotency::idempotent, busy);
  ask(retry, "wants patience", Idempotency::idempotent,
      {ErrorKind::throttled, "429, Retry-After: 2", 2s});
  ask(retry, "not found", Idempotency::idempotent, {ErrorKind::not_found, "404"});
  ask(retry, "a payment that was sent", Idempotency::unsafe, busy);
  Error refused{ErrorKind::unavailable, "connection refused"};
  refused.was_sent = false;
  ask(retry, "a payment that never left", Idempotency::unsafe, refused);
  ask(retry, "busy, and the budget is empty", Idempotency::idempotent, busy);

  auto session = retry.begin(Idempotency::idempotent);
  session.succeeded();  // a clean success puts a little back
  const auto seen = retry.snapshot();
  std::cout << "budget: " << seen.budget_spent << " spent, " << seen.budget_left << " of "
            << seen.budget_capacity << " left\n";
}
