// SPDX-License-Identifier: Apache-2.0
#include "resilience/guard.h"

#include <stdexcept>

#include "tests/resilience/guard_fixture.h"

namespace reelmill::testing {
namespace {

TEST(Guard, WithNoOptionsOnlyPassesThrough) {
  TestGuard t({});
  EXPECT_THAT(t.call({}), IsOkAndHolds(1));
  EXPECT_THAT(t.call({error(ErrorKind::unavailable)}), FailsWith(ErrorKind::unavailable));
  EXPECT_EQ(t.calls, 2);
}

TEST(Guard, ReportsEveryProblemOfItsOptionsAtOnceWithItsName) {
  GuardOptions options;
  options.retry = RetryOptions{.max_attempts = 0};
  options.breaker = CircuitBreakerOptions{.success_threshold = 0, .timeout_jitter = 1};
  options.rate = RateLimiterOptions{.per_second = -1};
  options.attempt_timeout = -5s;
  const auto made = Guard::make("store", options);
  ASSERT_THAT(made, FailsWith(ErrorKind::invalid_input));
  EXPECT_EQ(made.error().message,
            "guard store: retry.max_attempts: 0 is outside 1 to 1000000; "
            "breaker.success_threshold: 0 is outside 1 to 1000000; "
            "breaker.timeout_jitter: 1 is outside [0, 1); "
            "rate.per_second: -1 is outside 1e-06 to 1000000000; "
            "attempt_timeout: -5s is outside 0s to 8760h");
}

TEST(Guard, RetriesUntilTheCallSucceeds) {
  TestGuard t({.retry = fixed_delay()});
  const auto start = t.clock.now();
  EXPECT_THAT(t.call({error(ErrorKind::unavailable), error(ErrorKind::timeout)}), IsOkAndHolds(3));
  EXPECT_EQ(t.clock.now() - start, 2s);
  EXPECT_EQ(t.contexts[0].attempt, 1);
  EXPECT_EQ(t.contexts[2].attempt, 3);
}

TEST(Guard, ReturnsTheLastErrorWhenItGivesUp) {
  TestGuard t({.retry = fixed_delay(2)});
  EXPECT_THAT(t.call({error(ErrorKind::unavailable), error(ErrorKind::timeout)}),
              FailsWith(ErrorKind::timeout, "test"));
  EXPECT_EQ(t.calls, 2);
}

TEST(Guard, DoesNotRepeatAnUnsafeCallThatWasSent) {
  TestGuard t({.retry = fixed_delay()});
  EXPECT_FALSE(t.call({error(ErrorKind::unavailable)}, Idempotency::unsafe));
  EXPECT_EQ(t.calls, 1);
}

TEST(Guard, ReturnsCircuitOpenAtOnceWithItsName) {
  TestGuard t({.retry = fixed_delay(), .breaker = trips_after(1)});
  t.attempt(error(ErrorKind::unavailable)).has_value();
  const auto start = t.clock.now();
  const auto refused = t.call({});
  EXPECT_THAT(refused, FailsWith(ErrorKind::circuit_open, "store: open"));
  EXPECT_EQ(refused.error().retry_after, 60s);
  EXPECT_EQ(t.clock.now(), start);
  EXPECT_EQ(t.calls, 1);
}

TEST(Guard, StopsRetryingWhenTheBreakerOpensBetweenAttempts) {
  TestGuard t({.retry = fixed_delay(10), .breaker = trips_after(2)});
  const Error down = error(ErrorKind::unavailable);
  EXPECT_THAT(t.call({down, down, down, down}), FailsWith(ErrorKind::circuit_open));
  EXPECT_EQ(t.calls, 2);
}

TEST(Guard, EveryAttemptCountsAtTheBreaker) {
  TestGuard t({.retry = fixed_delay(3), .breaker = trips_after(3)});
  const Error down = error(ErrorKind::unavailable);
  EXPECT_THAT(t.call({down, down, down}), FailsWith(ErrorKind::unavailable));
  EXPECT_EQ(t.guard->state(), GuardState::open);
}

TEST(Guard, WaitsForItsOwnRateLimit) {
  TestGuard t({.rate = RateLimiterOptions{.per_second = 1, .burst = 1}});
  const auto start = t.clock.now();
  EXPECT_THAT(t.call({}), IsOk());
  EXPECT_THAT(t.call({}), IsOk());
  EXPECT_EQ(t.clock.now() - start, 1s);
}

TEST(Guard, ARefusalByTheRateLimitIsIgnoredByTheBreaker) {
  TestGuard t({.breaker = trips_after(1), .rate = RateLimiterOptions{.per_second = 1, .burst = 1}});
  EXPECT_THAT(t.attempt({}), IsOk());
  EXPECT_THAT(t.attempt({}), FailsWith(ErrorKind::rejected, "store: rate limit"));
  EXPECT_EQ(t.guard->breaker()->snapshot().ignored, 1u);
  EXPECT_EQ(t.guard->snapshot().refused, 1u);
}

TEST(Guard, ARefusedProbeReturnsItsPlace) {
  TestGuard t(
      {.breaker = trips_after(1), .rate = RateLimiterOptions{.per_second = 0.001, .burst = 1}});
  t.attempt(error(ErrorKind::unavailable)).has_value();
  t.clock.advance(60s);
  EXPECT_THAT(t.attempt({}), FailsWith(ErrorKind::rejected));
  t.clock.advance(1000s);
  EXPECT_THAT(t.attempt({}), IsOk());
  EXPECT_EQ(t.guard->state(), GuardState::closed);
}

TEST(Guard, ARefusalByTheConcurrencyLimitIsIgnoredByTheBreaker) {
  TestGuard t({.breaker = trips_after(1),
               .concurrency = ConcurrencyLimitOptions{.initial = 1, .min = 1, .max = 1}});
  auto outer = t.guard->attempt({}, [&](const CallContext&) -> Result<int> {
    EXPECT_THAT(t.attempt({}), FailsWith(ErrorKind::rejected, "store: too many calls"));
    return 1;
  });
  EXPECT_THAT(outer, IsOk());
  EXPECT_EQ(t.guard->breaker()->snapshot().ignored, 1u);
  EXPECT_EQ(t.guard->snapshot().in_flight, 0);
}

TEST(Guard, OwnQueueingNeverCountsAsSlow) {
  auto breaker = trips_after(0);
  breaker.slow_call_duration = 10s;
  breaker.slow_call_rate_threshold = 0.1;
  breaker.minimum_calls = 1;
  TestGuard t({.breaker = breaker, .rate = RateLimiterOptions{.per_second = 0.01, .burst = 1}});
  EXPECT_THAT(t.call({}), IsOk());
  EXPECT_THAT(t.call({}), IsOk());  // waits 100 s for its token
  EXPECT_EQ(t.guard->breaker()->snapshot().slow, 0u);
}

TEST(Guard, JudgesSlowCallsPerUnitOfWork) {
  auto breaker = trips_after(0);
  breaker.slow_call_duration = 1s;
  breaker.slow_call_rate_threshold = 2;
  TestGuard t({.breaker = breaker});
  for (const double units : {10.0, 1.0}) {
    t.guard
        ->attempt({.work_units = units},
                  [&](const CallContext&) -> Result<int> {
                    t.clock.advance(5s);
                    return 1;
                  })
        .has_value();
  }
  EXPECT_EQ(t.guard->breaker()->snapshot().slow, 1u);
}

TEST(Guard, GivesEachAttemptItsDeadline) {
  TestGuard t({.retry = fixed_delay(), .attempt_timeout = 10s, .total_timeout = 15s});
  const auto start = t.clock.now();
  t.guard
      ->call(Idempotency::idempotent,
             [&](const CallContext& context) -> Result<int> {
               t.contexts.push_back(context);
               t.clock.advance(8s);
               return fail(error(ErrorKind::unavailable));
             })
      .has_value();
  ASSERT_EQ(t.contexts.size(), 2u);  // a third would begin after 17 s
  EXPECT_EQ(t.contexts[0].deadline, start + 10s);
  EXPECT_EQ(t.contexts[1].deadline, start + 15s);
}

TEST(Guard, DoesNotCallAfterTheDeadline) {
  TestGuard t({.breaker = trips_after(1)});
  EXPECT_THAT(t.call({}, Idempotency::idempotent, t.clock.now()), FailsWith(ErrorKind::timeout));
  EXPECT_EQ(t.calls, 0);
  EXPECT_EQ(t.guard->state(), GuardState::closed);
}

TEST(Guard, AStopRequestEndsTheCallBeforeItIsMade) {
  TestGuard t({});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THAT(
      t.guard->call(
          Idempotency::idempotent, [&](const CallContext&) -> Result<int> { return ++t.calls; },
          Clock::time_point::max(), stop.get_token()),
      FailsWith(ErrorKind::cancelled));
  EXPECT_EQ(t.calls, 0);
}

TEST(Guard, AStopRequestEndsTheWaitForARetry) {
  TestGuard t({.retry = fixed_delay()});
  std::stop_source stop;
  const auto result = t.guard->call(
      Idempotency::idempotent,
      [&](const CallContext&) -> Result<int> {
        ++t.calls;
        stop.request_stop();
        return fail(error(ErrorKind::unavailable));
      },
      Clock::time_point::max(), stop.get_token());
  EXPECT_THAT(result, FailsWith(ErrorKind::cancelled));
  EXPECT_EQ(t.calls, 1);
}

TEST(Guard, ACallThatThrowsCountsAsAFailureAndTheExceptionReachesTheCaller) {
  TestGuard t({.retry = fixed_delay(), .breaker = trips_after(1)});
  const auto throws = [](const CallContext&) -> Result<int> { throw std::runtime_error("bug"); };
  EXPECT_THROW(t.guard->call(Idempotency::idempotent, throws).has_value(), std::runtime_error);
  EXPECT_EQ(t.guard->state(), GuardState::open);
  EXPECT_EQ(t.guard->snapshot().failures, 1u);
}

TEST(Guard, CallsThatReturnNothingAreStatuses) {
  TestGuard t({.retry = fixed_delay()});
  int n = 0;
  const Status status = t.guard->call(Idempotency::idempotent, [&](const CallContext&) -> Status {
    if (++n == 1) return fail(error(ErrorKind::unavailable));
    return {};
  });
  EXPECT_THAT(status, IsOk());
}

TEST(Guard, ThrottlingSlowsTheAdaptiveRateLimitOncePerWave) {
  TestGuard t({.rate = RateLimiterOptions{.per_second = 100, .burst = 100, .adaptive = true}});
  t.guard
      ->attempt({},
                [&](const CallContext&) -> Result<int> {
                  t.clock.advance(1ms);
                  t.guard
                      ->attempt({},
                                [&](const CallContext&) -> Result<int> {
                                  return fail(error(ErrorKind::throttled));
                                })
                      .has_value();
                  return fail(error(ErrorKind::throttled));
                })
      .has_value();
  EXPECT_NEAR(*t.guard->snapshot().rate_per_second, 70, 0.1);
}

TEST(Guard, DrivenAttemptwiseByALaneItNeverSleeps) {
  TestGuard t({.retry = fixed_delay(), .breaker = trips_after(2), .total_timeout = 10s});
  const auto start = t.clock.now();
  auto session = t.guard->begin(Idempotency::idempotent);
  auto failed = t.attempt(error(ErrorKind::unavailable), "a");
  EXPECT_EQ(session.next_delay(failed.error()), 1s);
  t.clock.advance(1s);
  failed = t.attempt(error(ErrorKind::unavailable), "a");
  EXPECT_EQ(session.next_delay(failed.error()), 1s);
  t.clock.advance(1s);
  // The breaker is open now: the leg holds its queue instead of draining it into refusals.
  EXPECT_EQ(t.guard->paused_until(), start + 61s);
  auto refused = t.attempt({}, "a");
  EXPECT_EQ(session.next_delay(refused.error()), 59s);
  t.clock.advance(59s);
  EXPECT_THAT(t.attempt({}, "a"), IsOk());
  session.succeeded();
  EXPECT_EQ(session.attempts(), 3);  // the pause is neither an attempt nor part of the timeout
  EXPECT_EQ(t.guard->paused_until(), Clock::time_point::min());
  EXPECT_EQ(t.guard->snapshot().paused, 60s);
}

TEST(Guard, SaysWhatItHasDone) {
  TestGuard t({.retry = fixed_delay(), .breaker = trips_after(2)});
  t.call({error(ErrorKind::unavailable)}).has_value();
  t.call({error(ErrorKind::unavailable), error(ErrorKind::unavailable)}).has_value();
  t.clock.advance(10s);
  const auto s = t.guard->snapshot();
  EXPECT_EQ(s.name, "store");
  EXPECT_EQ(s.state, GuardState::open);
  EXPECT_EQ(s.calls, 4u);
  EXPECT_EQ(s.successes, 1u);
  EXPECT_EQ(s.failures, 3u);
  EXPECT_EQ(s.refused, 1u);
  EXPECT_EQ(s.retries, 3u);
  EXPECT_EQ(s.openings, 1u);
  EXPECT_EQ(s.retry_delay, 3s);
  EXPECT_EQ(s.paused, 11s);
  EXPECT_EQ(s.budget_left, 500 - 2 * 14);
  EXPECT_EQ(t.events, std::vector<std::string>{"closed -> open: 2 consecutive failures"});
}

TEST(Guarded, DecoratesAFunction) {
  TestGuard t({.retry = fixed_delay()});
  int n = 0;
  auto doubled = guarded(t.guard, Idempotency::idempotent, [&](int x) -> Result<int> {
    if (++n < 3) return fail(error(ErrorKind::unavailable));
    return 2 * x;
  });
  EXPECT_THAT(doubled(21), IsOkAndHolds(42));
  EXPECT_EQ(n, 3);
}

TEST(Guarded, PassesTheContextToAFunctionThatTakesIt) {
  TestGuard t({.retry = fixed_delay()});
  auto attempts =
      guarded(t.guard, Idempotency::idempotent,
              [](const CallContext& context, const std::string& text) -> Result<std::string> {
                if (context.attempt < 2) return fail(error(ErrorKind::timeout));
                return text + std::to_string(context.attempt);
              });
  EXPECT_THAT(attempts(std::string("attempt ")), IsOkAndHolds(std::string("attempt 2")));
}

}  // namespace
}  // namespace reelmill::testing
