// SPDX-License-Identifier: Apache-2.0
// How many calls a second, and how many at the same time.
#include <iostream>
#include <vector>

#include "base/manual_clock.h"
#include "resilience/concurrency_limit.h"
#include "resilience/rate_limiter.h"

using namespace reelmill;
using namespace std::chrono_literals;

int main() {
  ManualClock clock;

  RateLimiter rate({.per_second = 10, .burst = 3, .adaptive = true}, clock);
  int granted = 0;
  while (rate.try_acquire()) ++granted;
  std::cout << granted << " at once, the next in " << rate.try_acquire().error().retry_after / 1ms
            << " ms\n";
  rate.throttled();  // the service said 429
  std::cout << "after throttling " << rate.per_second() << " a second\n";
  clock.advance(1min);
  std::cout << "a minute later " << rate.per_second() << "\n";

  ConcurrencyLimit places({.initial = 2, .min = 1, .max = 8, .adaptive = true}, clock);
  std::vector<Slot> calls;
  while (auto slot = places.try_acquire()) calls.push_back(std::move(*slot));
  std::cout << places.in_flight() << " calls under way, no more\n";

  // Calls that take what they should let the limit grow. What a call should take is known from its
  // size: a large batch is not mistaken for a slow service.
  const Duration expected = 50ms;
  for (int round = 0; round < 20; ++round) {
    for (auto& call : calls) call.done(50ms, expected);
    calls.clear();
    while (auto slot = places.try_acquire()) calls.push_back(std::move(*slot));
  }
  std::cout << "while it answers in time: " << places.limit() << " places\n";
  for (int round = 0; round < 20; ++round) {
    for (auto& call : calls) call.done(500ms, expected);
    calls.clear();
    while (auto slot = places.try_acquire()) calls.push_back(std::move(*slot));
  }
  std::cout << "when calls queue up in it: " << places.limit() << " place\n";
}
