// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <functional>
#include <stdexcept>

#include "resilience/guard.h"
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

/// Blocks until the stop is requested.
void wait_for_stop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, stop, [] { return false; });
}

/// A clock on which the percentile passes as soon as the first call is under way.
class LegClock final : public Clock {
 public:
  time_point now() const noexcept override { return manual_.now(); }
  bool sleep_until(time_point when, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    if (!entered_changes_.wait(lock, stop, [&] { return has_entered_; })) return false;
    has_entered_ = false;
    return manual_.sleep_until(when, stop);
  }
  void advance(Duration by) { manual_.advance(by); }
  void first_call_entered() {
    std::lock_guard lock(mutex_);
    has_entered_ = true;
    entered_changes_.notify_all();
  }

 private:
  ManualClock manual_;
  std::mutex mutex_;
  std::condition_variable_any entered_changes_;
  bool has_entered_ = false;
};

struct HedgedGuard {
  explicit HedgedGuard(RetryBudgetOptions budget = {})
      : guard(Guard::make("store",
                          {.budget = budget,
                           .breaker = CircuitBreakerOptions{.failure_threshold = 100},
                           .hedge = HedgeOptions{.minimum_samples = 10}},
                          clock)
                  .value()) {}

  void warm_up(Duration latency = 1s) {
    for (int i = 0; i < 10; ++i) {
      guard
          ->call(Idempotency::idempotent,
                 [&](const CallContext&) -> Result<int> {
                   clock.advance(latency);
                   return 0;
                 })
          .has_value();
    }
  }
  using Leg = std::function<Result<int>(const CallContext&)>;
  /// A call whose first leg is `first`, and whose second, once that is under way, is `second`.
  Result<int> call(const Leg& first, const Leg& second,
                   Idempotency idempotency = Idempotency::idempotent) {
    std::atomic<int> legs{0};
    return guard->call(idempotency, [&](const CallContext& context) -> Result<int> {
      if (++legs == 2) return second(context);
      clock.first_call_entered();
      return first(context);
    });
  }
  /// The first leg waits for its stop, a second one answers at once.
  Result<int> slow_call() {
    return call(
        [](const CallContext& context) -> Result<int> {
          wait_for_stop(context.stop);
          return fail(ErrorKind::cancelled, "stopped");
        },
        [](const CallContext&) -> Result<int> { return 2; });
  }

  LegClock clock;
  std::shared_ptr<Guard> guard;
};

TEST(Hedge, ASecondCallAnswersWhereTheFirstTakesLongerThanThePercentile) {
  HedgedGuard t;
  t.warm_up();
  const auto start = t.clock.now();
  EXPECT_THAT(t.slow_call(), IsOkAndHolds(2));
  EXPECT_EQ(t.clock.now() - start, 1s);
  const auto s = t.guard->snapshot();
  EXPECT_EQ(s.hedges, 1u);
  EXPECT_EQ(s.hedge_wins, 1u);
  EXPECT_EQ(s.calls, 12u);
}

TEST(Hedge, TheLosersEndSaysNothingAboutTheService) {
  HedgedGuard t;
  t.warm_up();
  t.slow_call().has_value();
  const auto s = *t.guard->snapshot().breaker;
  EXPECT_EQ(s.failures, 0u);
  EXPECT_EQ(s.ignored, 1u);
}

TEST(Hedge, NoCallIsHedgedBeforeThePercentileIsKnown) {
  HedgedGuard t;
  int legs = 0;
  EXPECT_THAT(t.guard->call(Idempotency::idempotent,
                            [&](const CallContext&) -> Result<int> { return ++legs; }),
              IsOkAndHolds(1));
  EXPECT_EQ(t.guard->snapshot().hedges, 0u);
}

TEST(Hedge, UnsafeCallsAreNeverHedged) {
  HedgedGuard t;
  t.warm_up();
  int legs = 0;
  EXPECT_THAT(t.guard->call(Idempotency::unsafe,
                            [&](const CallContext&) -> Result<int> {
                              t.clock.advance(1h);
                              return ++legs;
                            }),
              IsOkAndHolds(1));
  EXPECT_EQ(t.guard->snapshot().hedges, 0u);
}

TEST(Hedge, AnEmptyBudgetAllowsNoSecondCall) {
  HedgedGuard t({.capacity = 10});
  t.warm_up();
  const auto first = [](const CallContext&) -> Result<int> { return 1; };
  EXPECT_THAT(t.call(first, first), IsOkAndHolds(1));
  EXPECT_EQ(t.guard->snapshot().hedges, 0u);
}

TEST(Hedge, ASecondCallThatSucceedsIsRefunded) {
  HedgedGuard t({.capacity = 20});
  t.warm_up();
  for (int i = 0; i < 5; ++i) EXPECT_THAT(t.slow_call(), IsOk());
  EXPECT_EQ(t.guard->snapshot().budget_left, 20);
}

TEST(Hedge, ASecondCallThatFailsLeavesTheFirstToAnswer) {
  HedgedGuard t;
  t.warm_up();
  std::stop_source second_failed;
  const auto result = t.call(
      [&](const CallContext&) -> Result<int> {
        wait_for_stop(second_failed.get_token());
        return 1;
      },
      [&](const CallContext&) -> Result<int> {
        second_failed.request_stop();
        return fail(ErrorKind::unavailable, "second");
      });
  EXPECT_THAT(result, IsOkAndHolds(1));
  const auto s = t.guard->snapshot();
  EXPECT_EQ(s.hedges, 1u);
  EXPECT_EQ(s.hedge_wins, 0u);
}

TEST(Hedge, WhenBothFailTheFirstErrorIsReturned) {
  HedgedGuard t;
  t.warm_up();
  std::stop_source second_failed;
  const auto result = t.call(
      [&](const CallContext&) -> Result<int> {
        wait_for_stop(second_failed.get_token());
        return fail(ErrorKind::timeout, "first");
      },
      [&](const CallContext&) -> Result<int> {
        second_failed.request_stop();
        return fail(ErrorKind::unavailable, "second");
      });
  EXPECT_THAT(result, FailsWith(ErrorKind::timeout, "first"));
}

TEST(Hedge, AnExceptionReachesTheCallerUnlessTheOtherCallSucceeds) {
  HedgedGuard t;
  t.warm_up();
  const auto throws = [](const CallContext&) -> Result<int> { throw std::runtime_error("bug"); };
  EXPECT_THROW(t.call(throws, throws).has_value(), std::runtime_error);
  const auto result = t.call(
      [](const CallContext& context) -> Result<int> {
        wait_for_stop(context.stop);
        throw std::runtime_error("stopped");
      },
      [](const CallContext&) -> Result<int> { return 2; });
  EXPECT_THAT(result, IsOkAndHolds(2));
}

TEST(Hedge, ACallThatIsBackInTimeIsNotHedged) {
  ManualClock clock(ManualClock::Sleep::waits_for_advance);
  auto [result, winner] = hedged_call<Result<int>>(
      clock, 1s, CallContext{}, [] { return true; },
      [](const CallContext&) -> Result<int> { return 1; });
  EXPECT_THAT(result, IsOkAndHolds(1));
  EXPECT_EQ(winner, HedgeWinner::not_hedged);
}

TEST(Hedge, TheCallersStopReachesTheCall) {
  ManualClock clock(ManualClock::Sleep::waits_for_advance);
  std::stop_source stop;
  auto [result, winner] = hedged_call<Result<int>>(
      clock, 1s, CallContext{.stop = stop.get_token()}, [] { return true; },
      [&](const CallContext& context) -> Result<int> {
        stop.request_stop();
        wait_for_stop(context.stop);
        return fail(ErrorKind::cancelled, "stopped");
      });
  EXPECT_THAT(result, FailsWith(ErrorKind::cancelled));
  EXPECT_EQ(winner, HedgeWinner::not_hedged);
}

}  // namespace
}  // namespace reelmill::testing
