// SPDX-License-Identifier: Apache-2.0
// Laws of the rate and concurrency limits, for any options and any history.
#include <deque>

#include <rapidcheck/gtest.h>

#include "resilience/concurrency_limit.h"
#include "resilience/rate_limiter.h"
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

RC_GTEST_PROP(RateLimiterLaw, GrantsNoMoreThanTheBurstAndWhatHasFlowedIn, ()) {
  const RateLimiterOptions options{.per_second = *rc::gen::element(0.1, 1.0, 7.0, 1000.0),
                                   .burst = *rc::gen::element(0.5, 1.0, 10.0, 100.0),
                                   .adaptive = *rc::gen::arbitrary<bool>()};
  ManualClock clock;
  RateLimiter limiter(options, clock);
  const auto began = clock.now();
  double granted = 0;
  const int steps = *rc::gen::inRange(1, 200);
  for (int i = 0; i < steps; ++i) {
    switch (*rc::gen::weightedElement<int>({{6, 0}, {3, 1}, {1, 2}})) {
      case 0: {
        // Of a size that fits the bucket: larger ones are granted at once and paid off later.
        const double tokens = options.burst * *rc::gen::element(-1.0, 0.0, 0.1, 0.5, 1.0);
        if (limiter.try_acquire(tokens)) granted += std::max(0.0, tokens);
        break;
      }
      case 1:
        clock.advance(*rc::gen::element<Duration>(1ns, 1ms, 100ms, 1s, 1min));
        break;
      default:
        limiter.throttled();
        break;
    }
    const double flowed = options.per_second * to_seconds(clock.now() - began);
    RC_ASSERT(granted <= options.burst + flowed + 1e-6 * (1 + flowed));
    RC_ASSERT(limiter.available() >= -1e-6);
    RC_ASSERT(limiter.available() <= options.burst);
    RC_ASSERT(limiter.per_second() <= options.per_second);
    RC_ASSERT(limiter.per_second() >= options.per_second * 0.01);
  }
}

RC_GTEST_PROP(RateLimiterLaw, AfterRetryAfterTheSameCallIsGranted, ()) {
  const RateLimiterOptions options{.per_second = *rc::gen::element(0.1, 1.0, 7.0, 1000.0),
                                   .burst = *rc::gen::element(1.0, 10.0)};
  ManualClock clock;
  RateLimiter limiter(options, clock);
  const int calls = *rc::gen::inRange(1, 60);
  for (int i = 0; i < calls; ++i) {
    const double tokens = *rc::gen::element(0.3, 1.0, 2.0, 50.0);
    const auto first = limiter.try_acquire(tokens);
    if (first) continue;
    RC_ASSERT(first.error().kind == ErrorKind::rejected);
    RC_ASSERT(first.error().retry_after > Duration(0));
    clock.advance(first.error().retry_after);
    RC_ASSERT(limiter.try_acquire(tokens).has_value());
  }
}

RC_GTEST_PROP(ConcurrencyLimitLaw, PlacesAreNeverMoreThanTheLimitNorEverLost, ()) {
  ConcurrencyLimitOptions options;
  options.min = *rc::gen::inRange(1, 5);
  options.max = options.min + *rc::gen::inRange(0, 20);
  options.initial = *rc::gen::inRange(options.min, options.max + 1);
  options.adaptive = *rc::gen::arbitrary<bool>();
  ManualClock clock;
  ConcurrencyLimit limit(options, clock);
  std::deque<Slot> held;
  const int steps = *rc::gen::inRange(1, 300);
  for (int i = 0; i < steps; ++i) {
    if (held.empty() || *rc::gen::inRange(0, 5) < 3) {
      const bool has_place = std::ssize(held) < limit.limit();
      auto slot = limit.try_acquire();
      RC_ASSERT(slot.has_value() == has_place);
      if (slot) {
        held.push_back(std::move(*slot));
      } else {
        RC_ASSERT(slot.error().retry_after > Duration(0));
      }
    } else {
      // With done() or without, of any latency, predicted or not.
      const auto observed = *rc::gen::element<Duration>(-1s, 0s, 1ms, 1s, 1h);
      const auto predicted = *rc::gen::element<Duration>(0s, 1ms, 1s);
      if (*rc::gen::arbitrary<bool>()) held.front().done(observed, predicted);
      held.pop_front();
    }
    RC_ASSERT(limit.in_flight() == static_cast<int>(held.size()));
    RC_ASSERT(limit.limit() >= options.min);
    RC_ASSERT(limit.limit() <= options.max);
    if (!options.adaptive) RC_ASSERT(limit.limit() == options.initial);
  }
  held.clear();
  RC_ASSERT(limit.in_flight() == 0);
}

}  // namespace
}  // namespace reelmill::testing
