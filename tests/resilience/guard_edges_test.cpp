// SPDX-License-Identifier: Apache-2.0
// What a guard does with options, clocks and calls that behave badly.
#include <stdexcept>

#include "resilience/guard.h"
#include "tests/resilience/guard_fixture.h"

namespace reelmill::testing {
namespace {

struct EdgeGuard {
  explicit EdgeGuard(GuardOptions options, Clock::time_point start = Clock::time_point(1h))
      : clock(ManualClock::Sleep::advances_itself, start),
        guard(Guard::make("store", std::move(options), clock, random).value()) {}

  Result<int> attempt(std::optional<ErrorKind> outcome = {}) {
    return guard->attempt({}, [&](const CallContext&) -> Result<int> {
      ++calls;
      if (outcome) return fail(*outcome, "test");
      return calls;
    });
  }
  Result<int> throws() {
    return guard->attempt(
        {}, [](const CallContext&) -> Result<int> { throw std::runtime_error("thrown"); });
  }
  Result<int> call_that_fails(int failures, ErrorKind kind = ErrorKind::unavailable) {
    return guard->call(Idempotency::idempotent, [&](const CallContext&) -> Result<int> {
      if (++calls <= failures) return fail(kind, "test");
      return calls;
    });
  }

  ManualClock clock;
  SeededRandom random{3};
  std::shared_ptr<Guard> guard;
  int calls = 0;
};

// -- options -----------------------------------------------------------------------------------

TEST(GuardEdges, OptionsAreRefusedWhenItIsBuiltAllAtOnceByNameWithTheirRange) {
  const auto made = Guard::make("store", {.retry = RetryOptions{.max_attempts = 0},
                                          .budget = {.capacity = -1},
                                          .breaker = CircuitBreakerOptions{.success_threshold = 0},
                                          .rate = RateLimiterOptions{.per_second = 0},
                                          .concurrency = ConcurrencyLimitOptions{.max = 0},
                                          .attempt_timeout = -1s,
                                          .total_timeout = -2s,
                                          .hedge = HedgeOptions{.percentile = 2}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::invalid_input);
  for (const auto* problem :
       {"guard store: ", "retry.max_attempts: 0 is outside 1 to 1000000", "budget.capacity: -1",
        "breaker.success_threshold: 0 is outside 1 to", "rate.per_second: 0 is outside 1e-06 to",
        "concurrency.max: 0 is outside 1 to", "hedge.percentile: 2 is outside 0.5 to 0.999",
        "attempt_timeout: -1s is outside", "total_timeout: -2s is outside"})
    EXPECT_THAT(made.error().message, ::testing::HasSubstr(problem));
}

TEST(GuardEdges, NoNumberIsRefusedToo) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(Guard::make("store", {.breaker = CircuitBreakerOptions{.timeout_multiplier = nan},
                                    .rate = RateLimiterOptions{.per_second = nan}}),
              FailsWith(ErrorKind::invalid_input, "timeout_multiplier: nan"));
}

TEST(GuardEdges, ZeroDurationsAreNoTimeoutsNoWaitsAndNoBreaks) {
  EdgeGuard t({.retry = RetryOptions{.strategy = RetryStrategy::fixed,
                                     .max_attempts = 5,
                                     .base_delay = 0s,
                                     .max_delay = 0s,
                                     .max_retry_after = 0s},
               .breaker =
                   [] {
                     auto options = trips_after(2);
                     options.timeout = options.max_timeout = 0s;
                     return options;
                   }(),
               .attempt_timeout = 0s,
               .total_timeout = 0s});
  const auto start = t.clock.now();
  EXPECT_THAT(t.call_that_fails(4), IsOk());  // each break is over as soon as it has begun
  EXPECT_EQ(t.calls, 5);
  EXPECT_EQ(t.clock.now(), start);
  EXPECT_GE(t.guard->snapshot().openings, 1u);
  EXPECT_EQ(t.guard->snapshot().paused, 0s);
}

TEST(GuardEdges, AnyWishForPatienceIsTooMuchWhereNoneIsAllowed) {
  EdgeGuard t({.retry = RetryOptions{.max_retry_after = 0s}});
  const auto result =
      t.guard->call(Idempotency::idempotent, [&](const CallContext&) -> Result<int> {
        ++t.calls;
        return tl::unexpected<Error>(Error{ErrorKind::throttled, "429", 1ns});
      });
  EXPECT_THAT(result, FailsWith(ErrorKind::throttled));
  EXPECT_EQ(t.calls, 1);
}

TEST(GuardEdges, AWindowOfOneCallTripsOnOneFailure) {
  auto breaker = quiet_options();
  breaker.failure_rate_threshold = 1;
  breaker.window_calls = 1;
  EdgeGuard t({.breaker = breaker});
  EXPECT_THAT(t.attempt(), IsOk());
  EXPECT_THAT(t.attempt(ErrorKind::unavailable), FailsWith(ErrorKind::unavailable));
  EXPECT_EQ(t.guard->state(), GuardState::open);
}

TEST(GuardEdges, AThresholdOfZeroNeverTripsAndOneTripsAtOnce) {
  EdgeGuard off({.breaker = trips_after(0)});
  for (int i = 0; i < 1000; ++i) off.attempt(ErrorKind::unavailable).has_value();
  EXPECT_EQ(off.guard->state(), GuardState::closed);
  EdgeGuard one({.breaker = trips_after(1)});
  one.attempt(ErrorKind::unavailable).has_value();
  EXPECT_EQ(one.guard->state(), GuardState::open);
}

TEST(GuardEdges, AMillionAttemptsAreMadeIfThatIsWanted) {
  EdgeGuard t({.retry = RetryOptions{.strategy = RetryStrategy::exponential,
                                     .max_attempts = 1'000'000,
                                     .base_delay = 1ns,
                                     .max_delay = 1ms},
               .budget = {.capacity = 0, .retry_cost = 0, .throttle_cost = 0}});
  EXPECT_THAT(t.call_that_fails(2'000'000), FailsWith(ErrorKind::unavailable));
  EXPECT_EQ(t.calls, 1'000'000);
}

// -- calls that throw --------------------------------------------------------------------------

TEST(GuardEdges, AnExceptionOpensTheBreakerLikeAnyFailure) {
  EdgeGuard t({.breaker = trips_after(2)});
  EXPECT_THROW(t.throws().has_value(), std::runtime_error);
  EXPECT_THROW(t.throws().has_value(), std::runtime_error);
  EXPECT_EQ(t.guard->state(), GuardState::open);
  EXPECT_EQ(t.guard->snapshot().failures, 2u);
}

TEST(GuardEdges, AnExceptionFailsTheProbeAndGivesItsPlaceBack) {
  EdgeGuard t(
      {.breaker = trips_after(1), .concurrency = ConcurrencyLimitOptions{.initial = 1, .max = 1}});
  t.attempt(ErrorKind::unavailable).has_value();
  t.clock.advance(60s);
  EXPECT_THROW(t.throws().has_value(), std::runtime_error);
  EXPECT_EQ(t.guard->state(), GuardState::open);
  EXPECT_EQ(t.guard->snapshot().in_flight, 0);
  t.clock.advance(10min);
  EXPECT_THAT(t.attempt(), IsOk());
}

TEST(GuardEdges, AnExceptionEndsTheCallWithoutARetry) {
  EdgeGuard t({.retry = RetryOptions{}});
  EXPECT_THROW(t.guard
                   ->call(Idempotency::idempotent,
                          [&](const CallContext&) -> Result<int> {
                            ++t.calls;
                            throw std::logic_error("a bug");
                          })
                   .has_value(),
               std::logic_error);
  EXPECT_EQ(t.calls, 1);
}

TEST(GuardEdges, AnExceptionOfADecoratedFunctionReachesItsCaller) {
  EdgeGuard t({});
  auto parse = guarded(t.guard, Idempotency::idempotent,
                       [](const std::string& text) -> Result<int> { return std::stoi(text); });
  EXPECT_EQ(parse("42").value(), 42);
  EXPECT_THROW(parse("x").has_value(), std::invalid_argument);
  EXPECT_EQ(t.guard->snapshot().failures, 1u);
}

TEST(GuardEdges, WhatIsNotAnExceptionOfTheLibraryIsThrownOnAsItIs) {
  EdgeGuard t({.breaker = trips_after(1)});
  EXPECT_THROW(
      t.guard->attempt({}, [](const CallContext&) -> Result<int> { throw 42; }).has_value(), int);
  EXPECT_EQ(t.guard->state(), GuardState::open);
}

// -- clocks ------------------------------------------------------------------------------------

TEST(GuardEdges, AClockThatJumpsBackNeitherShortensABreakNorMovesTheTotals) {
  EdgeGuard t({.breaker = trips_after(1)});
  t.attempt(ErrorKind::unavailable).has_value();
  t.clock.advance(-30min);
  EXPECT_THAT(t.attempt(), FailsWith(ErrorKind::circuit_open));
  EXPECT_EQ(t.guard->snapshot().paused, 0s);
  t.clock.advance(30min + 60s);
  EXPECT_THAT(t.attempt(), IsOk());
  EXPECT_EQ(t.guard->snapshot().paused, 60s);
}

TEST(GuardEdges, AClockThatJumpsAheadEndsABreakAndADeadline) {
  EdgeGuard t({.retry = RetryOptions{}, .breaker = trips_after(1), .total_timeout = 1min});
  auto session = t.guard->begin(Idempotency::idempotent);
  t.attempt(ErrorKind::unavailable).has_value();
  t.clock.advance(24h * 365);
  EXPECT_LE(t.guard->paused_until(), t.clock.now());
  EXPECT_THAT(t.attempt(), IsOk());
  // The break is no part of the session's time, and it lasted until somebody called.
  EXPECT_GT(session.deadline(), t.clock.now());
}

TEST(GuardEdges, ACallDuringWhichTheClockJumpsBackTookNoTime) {
  EdgeGuard t({.breaker = CircuitBreakerOptions{.failure_threshold = 0,
                                                .failure_rate_threshold = 2,
                                                .minimum_calls = 1,
                                                .slow_call_duration = 1s,
                                                .slow_call_rate_threshold = 0.1},
               .concurrency = ConcurrencyLimitOptions{.adaptive = true},
               .hedge = HedgeOptions{.minimum_samples = 1}});
  EXPECT_THAT(t.guard->attempt({.expected_duration = 1s},
                               [&](const CallContext&) -> Result<int> {
                                 t.clock.advance(-10min);
                                 return 1;
                               }),
              IsOk());
  EXPECT_EQ(t.guard->snapshot().breaker->slow, 0u);
  EXPECT_EQ(t.guard->state(), GuardState::closed);
}

TEST(GuardEdges, NothingOverflowsAtTheEndOfTime) {
  EdgeGuard t({.retry = RetryOptions{.strategy = RetryStrategy::fixed},
               .breaker = trips_after(1),
               .attempt_timeout = 1h,
               .total_timeout = 24h},
              Clock::time_point::max() - 1min);
  EXPECT_THAT(t.attempt(), IsOk());
  t.attempt(ErrorKind::unavailable).has_value();
  EXPECT_THAT(t.attempt(), FailsWith(ErrorKind::circuit_open));
  EXPECT_GT(t.guard->paused_until(), t.clock.now());
}

}  // namespace
}  // namespace reelmill::testing
