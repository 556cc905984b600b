// SPDX-License-Identifier: Apache-2.0
// The names that other programs are written against: this file has to compile, and its options have
// to say what they are documented to say. A name that disappears here breaks somebody's build.
#include <type_traits>

#include "base/manual_clock.h"
#include "resilience/backoff.h"
#include "resilience/circuit_breaker.h"
#include "resilience/concurrency_limit.h"
#include "resilience/fault_injector.h"
#include "resilience/guard.h"
#include "resilience/guard_registry.h"
#include "resilience/rate_limiter.h"
#include "resilience/retry.h"
#include "tests/support/result_matchers.h"

namespace reelmill::testing {
namespace {

using namespace std::chrono_literals;

static_assert(std::is_same_v<Duration, std::chrono::nanoseconds>);
static_assert(std::is_same_v<Clock::time_point, std::chrono::steady_clock::time_point>);
static_assert(!std::is_copy_constructible_v<Permit> && std::is_move_constructible_v<Permit>);
static_assert(!std::is_copy_constructible_v<RetrySession> &&
              std::is_move_constructible_v<RetrySession>);
static_assert(!std::is_copy_constructible_v<Slot> && std::is_move_constructible_v<Slot>);

TEST(PublicInterface, OfTheCircuitBreaker) {
  // In the order of their declaration, so that a designated list of all of them compiles.
  const CircuitBreakerOptions options{.failure_threshold = 5,
                                      .success_threshold = 3,
                                      .timeout = 60s,
                                      .failure_rate_threshold = 0.5,
                                      .window_calls = 100,
                                      .window_time = 0s,
                                      .window_buckets = 10,
                                      .minimum_calls = 20,
                                      .slow_call_duration = 0s,
                                      .slow_call_rate_threshold = 1.0,
                                      .permitted_probes = 0,
                                      .probe_timeout = 0s,
                                      .timeout_multiplier = 2.0,
                                      .max_timeout = 10min,
                                      .timeout_jitter = 0.1,
                                      .ramp_step = 0s,
                                      .ramp_start = 0.1,
                                      .adaptive = false,
                                      .false_trip_calls = 1e7,
                                      .learn_calls = 300};
  EXPECT_EQ(options, CircuitBreakerOptions{});
  ManualClock clock;
  CircuitBreaker breaker("service", options, clock);
  breaker.on_transition([](const CircuitTransition& transition) {
    std::ignore =
        std::tie(transition.name, transition.from, transition.to, transition.reason, transition.at);
  });
  Result<Permit> permit = breaker.acquire();
  ASSERT_THAT(permit, IsOk());
  permit->succeed();
  breaker.acquire()->succeed(3.5);
  breaker.acquire()->fail(Error{ErrorKind::timeout, "late", 1s, true});
  breaker.acquire()->ignore();
  EXPECT_EQ(breaker.state(), CircuitState::closed);
  EXPECT_EQ(breaker.mode(), CircuitMode::automatic);
  for (const auto mode : {CircuitMode::metrics_only, CircuitMode::disabled,
                          CircuitMode::forced_open, CircuitMode::automatic}) {
    breaker.set_mode(mode);
  }
  breaker.reset();
  const CircuitSnapshot now = breaker.snapshot();
  EXPECT_EQ(now.state, CircuitState::closed);
  EXPECT_EQ(now.mode, CircuitMode::automatic);
  EXPECT_EQ(now.failure_rate + now.slow_call_rate, 0);
  EXPECT_EQ(now.retry_after, 0s);
  EXPECT_EQ(now.successes, 2u);
  EXPECT_EQ(now.failures, 1u);
  EXPECT_EQ(now.ignored, 1u);
  EXPECT_EQ(now.slow + now.refused + now.stale + now.trips, 0u);
  EXPECT_EQ(now.changed_at, clock.now());
}

TEST(PublicInterface, OfRetries) {
  ManualClock clock;
  SeededRandom random(1);
  const RetryOptions options{.strategy = RetryStrategy::adaptive,
                             .max_attempts = 3,
                             .base_delay = 1s,
                             .max_delay = 60s,
                             .backoff_multiplier = 2.0,
                             .jitter = 0.0,
                             .max_retry_after = 5min};
  const RetryBudgetOptions budget{
      .capacity = 500, .retry_cost = 14, .throttle_cost = 5, .deposit = 1};
  EXPECT_EQ(options, RetryOptions{});
  EXPECT_EQ(budget, RetryBudgetOptions{});
  Backoff backoff({.strategy = RetryStrategy::exponential}, random);
  EXPECT_EQ(backoff.next(3, 2s), 4s);
  Retry retry("service", options, budget, clock, random);
  RetrySession session = retry.begin(Idempotency::idempotent, clock.now() + 1h);
  const std::optional<Duration> delay = session.next_delay({ErrorKind::unavailable, "503"});
  EXPECT_TRUE(delay);
  session.succeeded();
  EXPECT_EQ(session.attempts(), 2);
  EXPECT_EQ(retry.begin(Idempotency::unsafe).attempts(), 0);
}

TEST(PublicInterface, OfLimits) {
  ManualClock clock;
  RateLimiter rate(RateLimiterOptions{.per_second = 10, .burst = 2, .adaptive = true}, clock);
  const Result<void> granted = rate.try_acquire(2);
  EXPECT_THAT(granted, IsOk());
  EXPECT_THAT(rate.try_acquire(), FailsWith(ErrorKind::rejected));
  rate.throttled();
  ConcurrencyLimit places(
      ConcurrencyLimitOptions{.initial = 4, .min = 1, .max = 64, .adaptive = false}, clock);
  Result<Slot> slot = places.try_acquire();
  ASSERT_THAT(slot, IsOk());
  EXPECT_EQ(places.in_flight(), 1);
  slot->done(2s, 1s);
  EXPECT_EQ(places.in_flight(), 0);
  EXPECT_EQ(places.limit(), 4);
}

TEST(PublicInterface, OfGuards) {
  ManualClock clock;
  SeededRandom random(1);
  const GuardOptions options{.retry = RetryOptions{},
                             .budget = {},
                             .breaker = CircuitBreakerOptions{},
                             .rate = RateLimiterOptions{},
                             .concurrency = ConcurrencyLimitOptions{},
                             .attempt_timeout = 1s,
                             .total_timeout = 10s,
                             .hedge = HedgeOptions{}};
  Result<std::shared_ptr<Guard>> made = Guard::make("store", options, clock, random);
  ASSERT_THAT(made, IsOk());
  const auto& guard = *made;
  const auto call = [&](const CallContext& context) -> Result<int> {
    EXPECT_EQ(context.deadline, clock.now() + 1s);
    EXPECT_FALSE(context.stop.stop_requested());
    return context.attempt;
  };
  EXPECT_THAT(guard->call(Idempotency::idempotent, call), IsOkAndHolds(1));
  EXPECT_THAT(guard->call(Idempotency::unsafe, call, clock.now() + 1h, std::stop_token{}),
              IsOkAndHolds(1));
  EXPECT_THAT(guard->attempt(CallContext{.attempt = 7}, call), IsOkAndHolds(7));
  RetrySession session = guard->begin(Idempotency::idempotent, clock.now() + 1h);
  session.succeeded();
  const GuardSnapshot snapshot = guard->snapshot();
  EXPECT_EQ(snapshot.successes, 3u);
  auto decorated = guarded(guard, Idempotency::idempotent, [](int n) -> Result<int> { return n; });
  EXPECT_THAT(decorated(5), IsOkAndHolds(5));
}

TEST(PublicInterface, OfTheRegistryAndTheFaultInjector) {
  ManualClock clock;
  SeededRandom random(1);
  GuardRegistry registry(clock, random);
  registry.on_event([](const GuardEvent&) {});
  EXPECT_THAT(registry.get_or_create("s3-videos", GuardOptions{}), IsOk());
  EXPECT_EQ(registry.set_mode("s3-*", CircuitMode::metrics_only), 1);
  EXPECT_EQ(registry.reset("*"), 1);
  const std::vector<GuardSnapshot> all = registry.snapshot();
  EXPECT_EQ(all.size(), 1u);
  FaultInjector faults({FaultRule{.error = ErrorKind::unavailable}}, random, clock);
  const Result<void> fault = faults.before_call(CallContext{});
  EXPECT_THAT(fault, FailsWith(ErrorKind::unavailable));
}

}  // namespace
}  // namespace reelmill::testing
