// SPDX-License-Identifier: Apache-2.0
// A rehearsal: all guards of a program in a registry, faults injected into their calls.
#include <iostream>

#include "base/manual_clock.h"
#include "resilience/fault_injector.h"
#include "resilience/guard_registry.h"

using namespace reelmill;
using namespace std::chrono_literals;

namespace {

/// The first call hangs until it is told to stop; a second one beside it is answered.
Result<std::string> hang_once(std::atomic<int>& calls, const CallContext& context) {
  if (++calls > 1) return "the answer";
  while (!context.stop.stop_requested()) std::this_thread::yield();
  return fail(ErrorKind::cancelled, "told to stop");
}

}  // namespace

int main() {
  ManualClock clock;
  SeededRandom random(1);
  GuardRegistry guards(clock, random);
  guards.on_event(
      [](const GuardEvent& event) { std::cout << event.guard << ": " << event.text() << "\n"; });

  GuardOptions options;
  options.breaker = CircuitBreakerOptions{
      .failure_threshold = 2, .success_threshold = 1, .timeout = 10s, .timeout_jitter = 0};
  const auto photos = guards.get_or_create("s3-photos", options).value();
  const auto videos = guards.get_or_create("s3-videos", options).value();

  // The service is down from the fifth second to the tenth, and slow afterwards.
  FaultInjector faults(
      {{.error = ErrorKind::unavailable, .from = 5s, .until = 10s}, {.delay = 2s, .from = 10s}},
      random, clock);
  const auto call = [&](const CallContext& context) -> Result<int> {
    if (auto fault = faults.before_call(context); !fault) return fail(fault.error());
    return 1;
  };
  for (int second = 0; second < 20; second += 4) {
    const auto before = clock.now();
    const auto result = photos->attempt({}, call);
    std::cout << second << " s: " << (result ? "answered" : to_string(result.error())) << " after "
              << (clock.now() - before) / 1s << " s\n";
    clock.set(before + 4s);
  }

  // Everything that is called s3-... is taken out of service, and brought back as new.
  std::cout << guards.set_mode("s3-*", CircuitMode::forced_open) << " guards closed by hand\n";
  std::cout << "videos: " << to_string(videos->attempt({}, call).error()) << "\n";
  guards.set_mode("s3-*", CircuitMode::automatic);
  guards.reset("*");

  // Hedging: when a call takes longer than nearly all before it, a second one starts beside it.
  GuardOptions hedged;
  hedged.hedge = HedgeOptions{.percentile = 0.95, .minimum_samples = 20};
  const auto search = guards.get_or_create("search", hedged).value();
  for (int i = 0; i < 20; ++i)
    std::ignore =
        search->call(Idempotency::idempotent, [&](const CallContext&) -> Result<int> { return i; });
  std::atomic<int> calls = 0;
  const auto found = search->call(Idempotency::idempotent, [&](const CallContext& context) {
    return hang_once(calls, context);
  });
  std::cout << "search: " << found.value() << ", " << search->snapshot().hedges << " hedge\n";
}
