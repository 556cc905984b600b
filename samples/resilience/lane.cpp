// SPDX-License-Identifier: Apache-2.0
// A queue whose calls go through a guard one attempt at a time: no thread ever waits for a retry.
#include <iostream>
#include <map>

#include "base/manual_clock.h"
#include "resilience/guard.h"

using namespace reelmill;
using namespace std::chrono_literals;

namespace {

struct Item {
  std::string name;
  RetrySession session;
};

}  // namespace

int main() {
  ManualClock clock;
  GuardOptions options;
  options.retry =
      RetryOptions{.strategy = RetryStrategy::fixed, .max_attempts = 3, .base_delay = 1s};
  options.breaker = CircuitBreakerOptions{
      .failure_threshold = 2, .success_threshold = 1, .timeout = 10s, .timeout_jitter = 0};
  const auto guard = Guard::make("store", options, clock).value();
  const auto begin = clock.now();
  const auto outage_ends = begin + 15s;

  std::multimap<Clock::time_point, Item> queue;  // by the time before which an item may not go
  for (const auto* name : {"a", "b", "c"})
    queue.emplace(clock.now(), Item{name, guard->begin(Idempotency::idempotent)});

  while (!queue.empty()) {
    // While the breaker is open the whole queue is held. A lane that shares its thread with other
    // work would do that now; this one has nothing else, and lets the time pass.
    const auto next = std::max(queue.begin()->first, guard->paused_until());
    if (next > clock.now()) clock.set(next);

    auto node = queue.extract(queue.begin());
    Item& item = node.mapped();
    const auto sent = guard->attempt({.deadline = item.session.deadline(), .item = item.name},
                                     [&](const CallContext&) -> Status {
                                       if (clock.now() < outage_ends)
                                         return fail(ErrorKind::unavailable, "503");
                                       return {};
                                     });
    std::cout << (clock.now() - begin) / 1s << " s: " << item.name << " "
              << (sent ? "is there" : to_string(sent.error())) << "\n";
    if (sent) {
      item.session.succeeded();
    } else if (const auto delay = item.session.next_delay(sent.error())) {
      node.key() = clock.now() + *delay;
      queue.insert(std::move(node));
    }
  }
  const auto seen = guard->snapshot();
  std::cout << seen.openings << " openings, paused for " << seen.paused / 1s << " s\n";
}
