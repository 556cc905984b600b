// SPDX-License-Identifier: Apache-2.0
// The one order of a guard: total timeout > retry > hedge > operator hold > breaker > rate >
// concurrency > attempt timeout > call. Each test holds two neighbours against each other.
#include "resilience/guard.h"
#include "tests/resilience/guard_fixture.h"

namespace reelmill::testing {
namespace {

struct OrderedGuard {
  explicit OrderedGuard(GuardOptions options)
      : guard(Guard::make("store", std::move(options), clock, random).value()) {}

  Result<int> attempt(std::optional<ErrorKind> outcome = {}, CallContext context = {}) {
    return guard->attempt(context, [&](const CallContext&) -> Result<int> {
      ++calls;
      if (outcome) return fail(*outcome, "test");
      return calls;
    });
  }
  std::uint64_t refused_by(RefusedBy part) const {
    return guard->snapshot().refused_by[static_cast<std::size_t>(part)];
  }

  ManualClock clock;
  SeededRandom random{3};
  std::shared_ptr<Guard> guard;
  int calls = 0;
};

TEST(GuardOrder, TheTotalTimeoutCoversAllAttemptsAndTheWaitsBetweenThem) {
  OrderedGuard t({.retry = fixed_delay(100), .total_timeout = 5s});
  const auto start = t.clock.now();
  const auto result =
      t.guard->call(Idempotency::idempotent, [&](const CallContext& context) -> Result<int> {
        ++t.calls;
        EXPECT_EQ(context.deadline, start + 5s);
        t.clock.advance(1s);
        return fail(ErrorKind::unavailable, "down");
      });
  EXPECT_THAT(result, FailsWith(ErrorKind::unavailable));
  EXPECT_EQ(t.calls, 3);  // at 0, 2 and 4 s; the next would begin at 6 s
  EXPECT_LE(t.clock.now() - start, 5s);
}

TEST(GuardOrder, EachRetryIsASampleOfItsOwnForTheBreaker) {
  OrderedGuard t({.retry = fixed_delay(3), .breaker = trips_after(3)});
  t.guard
      ->call(Idempotency::idempotent,
             [](const CallContext&) -> Result<int> { return fail(ErrorKind::unavailable, "x"); })
      .has_value();
  EXPECT_EQ(t.guard->state(), GuardState::open);
  EXPECT_EQ(t.guard->snapshot().breaker->failures, 3u);
}

TEST(GuardOrder, WhatTheOperatorHoldRefusesNeverReachesTheBreaker) {
  OrderedGuard t({.breaker = trips_after(3)});
  for (const auto* item : {"a", "b", "c"}) t.attempt(ErrorKind::denied, {.item = item}).has_value();
  EXPECT_THAT(t.attempt(), FailsWith(ErrorKind::circuit_open, "store: needs operator"));
  EXPECT_EQ(t.refused_by(RefusedBy::operator_hold), 1u);
  EXPECT_EQ(t.guard->snapshot().breaker->refused, 0u);
}

TEST(GuardOrder, AServiceThatIsDownUsesUpNoTokensAndNoPlaces) {
  OrderedGuard t({.breaker = trips_after(1),
                  .rate = RateLimiterOptions{.per_second = 0.001, .burst = 2},
                  .concurrency = ConcurrencyLimitOptions{.initial = 1}});
  t.attempt(ErrorKind::unavailable).has_value();  // takes the first token
  for (int i = 0; i < 50; ++i) EXPECT_THAT(t.attempt(), FailsWith(ErrorKind::circuit_open));
  EXPECT_EQ(t.refused_by(RefusedBy::breaker), 50u);
  t.clock.advance(60s);
  EXPECT_THAT(t.attempt(), IsOk());  // the second is still there
  EXPECT_EQ(t.guard->snapshot().in_flight, 0);
}

TEST(GuardOrder, ACallWithoutATokenTakesNoPlace) {
  OrderedGuard t({.rate = RateLimiterOptions{.per_second = 0.001, .burst = 1},
                  .concurrency = ConcurrencyLimitOptions{.initial = 1}});
  EXPECT_THAT(t.attempt(), IsOk());
  EXPECT_THAT(t.attempt(), FailsWith(ErrorKind::rejected, "store: "));
  EXPECT_EQ(t.refused_by(RefusedBy::rate), 1u);
  EXPECT_EQ(t.refused_by(RefusedBy::concurrency), 0u);
}

TEST(GuardOrder, ACallWithoutAPlaceGivesItsTokenBack) {
  OrderedGuard t({.rate = RateLimiterOptions{.per_second = 0.001, .burst = 2},
                  .concurrency = ConcurrencyLimitOptions{.initial = 1, .min = 1, .max = 1}});
  const auto outer = t.guard->attempt({}, [&](const CallContext&) -> Result<int> {
    for (int i = 0; i < 10; ++i) {
      EXPECT_THAT(t.attempt(), FailsWith(ErrorKind::rejected, "too many calls"));
    }
    return 1;
  });
  EXPECT_THAT(outer, IsOk());
  EXPECT_THAT(t.attempt(), IsOk());  // with the second of the two tokens
}

TEST(GuardOrder, TheAttemptTimeoutBeginsWhenTheAttemptHasBeenAdmitted) {
  OrderedGuard t({.retry = fixed_delay(1),
                  .rate = RateLimiterOptions{.per_second = 0.1, .burst = 1},
                  .attempt_timeout = 2s,
                  .total_timeout = 1min});
  EXPECT_THAT(t.attempt(), IsOk());
  const auto start = t.clock.now();
  std::optional<Clock::time_point> deadline;
  EXPECT_THAT(t.guard->call(Idempotency::idempotent,
                            [&](const CallContext& context) -> Result<int> {
                              deadline = context.deadline;
                              return 1;
                            }),
              IsOk());
  EXPECT_EQ(deadline, start + 10s + 2s);  // ten seconds for a token
}

TEST(GuardOrder, TheNearerOfAllDeadlinesHolds) {
  OrderedGuard t({.attempt_timeout = 10s});
  const auto deadline = t.clock.now() + 3s;
  t.guard
      ->attempt({.deadline = deadline},
                [&](const CallContext& context) -> Result<int> {
                  EXPECT_EQ(context.deadline, deadline);
                  return 1;
                })
      .has_value();
}

TEST(GuardOrder, ASecondCallBesideASlowOneIsACallLikeAnyOther) {
  // One token for each of the ten calls that teach the latency, one for the first leg; none for
  // the second.
  OrderedGuard t({.rate = RateLimiterOptions{.per_second = 1e-6, .burst = 11},
                  .hedge = HedgeOptions{.minimum_samples = 10}});
  const auto call = [&](const CallContext&) -> Result<int> { return ++t.calls; };
  for (int i = 0; i < 10; ++i) EXPECT_THAT(t.guard->call(Idempotency::idempotent, call), IsOk());
  std::atomic<bool> is_refused = false;
  EXPECT_THAT(t.guard->call(Idempotency::idempotent,
                            [&](const CallContext&) -> Result<int> {
                              while (t.refused_by(RefusedBy::rate) == 0) std::this_thread::yield();
                              is_refused = true;
                              return 1;
                            }),
              IsOk());
  EXPECT_TRUE(is_refused);
  EXPECT_EQ(t.guard->snapshot().hedges, 1u);
}

TEST(GuardOrder, AHedgedAttemptNeedsNoRetryAndIsNoHedgeWithoutTheOption) {
  OrderedGuard t({.retry = fixed_delay(5)});
  EXPECT_THAT(t.guard->hedged_attempt(Idempotency::idempotent, {},
                                      [&](const CallContext&) -> Result<int> {
                                        ++t.calls;
                                        return fail(ErrorKind::unavailable, "x");
                                      }),
              FailsWith(ErrorKind::unavailable));
  EXPECT_EQ(t.calls, 1);
  EXPECT_EQ(t.guard->snapshot().hedges, 0u);
}

}  // namespace
}  // namespace reelmill::testing
