// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "resilience/concurrency_limit.h"
#include "resilience/latency_percentile.h"
#include "resilience/pause_meter.h"
#include "resilience/rate_limiter.h"
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

TEST(RateLimiter, GrantsABurstAndThenARefillEverySoOften) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 10, .burst = 3}, clock);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(limiter.try_acquire(), IsOk());
  auto refused = limiter.try_acquire();
  EXPECT_THAT(refused, FailsWith(ErrorKind::rejected));
  EXPECT_EQ(refused.error().retry_after, 100ms);
  clock.advance(100ms);
  EXPECT_THAT(limiter.try_acquire(), IsOk());
  EXPECT_FALSE(limiter.try_acquire());
}

TEST(RateLimiter, SavesNoMoreThanTheBurst) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 10, .burst = 3}, clock);
  clock.advance(24h);
  EXPECT_EQ(limiter.available(), 3);
}

TEST(RateLimiter, AfterRetryAfterTheTokensAreThere) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 3, .burst = 7}, clock);
  for (int i = 0; i < 1000; ++i) {
    if (auto granted = limiter.try_acquire(2.5); !granted) {
      clock.advance(granted.error().retry_after);
      ASSERT_THAT(limiter.try_acquire(2.5), IsOk()) << i;
    }
  }
}

TEST(RateLimiter, ACallLargerThanTheBurstIsGrantedFromAFullBucketAndPaidOffLater) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 10, .burst = 5}, clock);
  EXPECT_THAT(limiter.try_acquire(25), IsOk());
  EXPECT_EQ(limiter.available(), -20);
  EXPECT_EQ(limiter.try_acquire(1).error().retry_after, 2100ms);
}

TEST(RateLimiter, AskingForLessThanNothingSavesUpNothing) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 1, .burst = 2}, clock);
  EXPECT_THAT(limiter.try_acquire(-100), IsOk());
  EXPECT_THAT(limiter.try_acquire(std::numeric_limits<double>::quiet_NaN()), IsOk());
  EXPECT_EQ(limiter.available(), 2);
}

TEST(RateLimiter, TokensOfACallThatWasNotMadeComeBackUpToTheBurst) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 1, .burst = 2}, clock);
  EXPECT_THAT(limiter.try_acquire(2), IsOk());
  limiter.give_back();
  EXPECT_EQ(limiter.available(), 1);
  limiter.give_back(-5);
  limiter.give_back(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(limiter.available(), 1);
  limiter.give_back(100);
  EXPECT_EQ(limiter.available(), 2);
}

TEST(RateLimiter, AClockThatJumpsBackGrantsNothingAndLosesNothing) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 10, .burst = 5}, clock);
  limiter.try_acquire(5).has_value();
  clock.set(clock.now() - 1h);
  EXPECT_FALSE(limiter.try_acquire());
  EXPECT_EQ(limiter.available(), 0);
}

TEST(RateLimiter, ThrottlingCutsAnAdaptiveRateToSeventyPercent) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 100, .burst = 1, .adaptive = true}, clock);
  limiter.throttled();
  EXPECT_NEAR(limiter.per_second(), 70, 1e-9);
  limiter.throttled();
  EXPECT_NEAR(limiter.per_second(), 49, 1e-9);
}

TEST(RateLimiter, ThrottlingLeavesAFixedRateAlone) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 100, .burst = 1}, clock);
  limiter.throttled();
  EXPECT_EQ(limiter.per_second(), 100);
}

TEST(RateLimiter, RecoversAlongACubicCurve) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 100, .burst = 1, .adaptive = true}, clock);
  limiter.throttled();
  const double back = std::cbrt(100 * 0.3 / 0.4);  // seconds until the rate of before
  const auto at = [&](double share) {
    ManualClock* c = &clock;
    c->set(Clock::time_point(1h) + Duration(static_cast<Duration::rep>(share * back * 1e9)));
    return limiter.per_second();
  };
  EXPECT_NEAR(at(0.5), 100 - 30 * 0.125, 1e-6);  // quick at first
  EXPECT_NEAR(at(0.9), 100 - 30 * 0.001, 1e-6);  // careful around what was too much
  EXPECT_NEAR(at(1.0), 100, 1e-6);
  EXPECT_EQ(at(5), 100);  // never above the ceiling
}

TEST(RateLimiter, AfterASecondCutTheCurveRestsAtTheRateThatWasTooMuchAndThenGoesBeyondIt) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 100, .burst = 1, .adaptive = true}, clock);
  limiter.throttled();  // from 100 to 70
  limiter.throttled();  // from 70 to 49
  EXPECT_NEAR(limiter.per_second(), 49, 1e-6);
  const double back = std::cbrt(70 * 0.3 / 0.4);
  clock.advance(Duration(static_cast<Duration::rep>(back * 1e9)));
  EXPECT_NEAR(limiter.per_second(), 70, 1e-6);
  clock.advance(1s);
  EXPECT_NEAR(limiter.per_second(), 70 + 0.4, 1e-6);  // one second past: 0.4 * 1^3
  clock.advance(3s);
  EXPECT_NEAR(limiter.per_second(), 70 + 0.4 * 64, 1e-6);
  clock.advance(1min);
  EXPECT_EQ(limiter.per_second(), 100);
}

TEST(RateLimiter, ThrottlingNeverCutsToNothing) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 100, .burst = 1, .adaptive = true}, clock);
  for (int i = 0; i < 1000; ++i) limiter.throttled();
  EXPECT_GE(limiter.per_second(), 1);
}

TEST(RateLimiter, CallsFromBeforeTheLastCutDoNotCutAgain) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 100, .burst = 1, .adaptive = true}, clock);
  const auto began = clock.now();
  clock.advance(1ms);
  for (int i = 0; i < 10; ++i) limiter.throttled(began);
  EXPECT_NEAR(limiter.per_second(), 70, 0.1);
}

TEST(RateLimiter, RefusesOptionsOutsideTheirRange) {
  ManualClock clock;
  EXPECT_THROW(RateLimiter({.per_second = 0, .burst = 1}, clock), std::invalid_argument);
}

TEST(ConcurrencyLimit, AdmitsSoManyAtTheSameTime) {
  ManualClock clock;
  ConcurrencyLimit limit({.initial = 2, .min = 1, .max = 2}, clock);
  auto first = limit.try_acquire();
  auto second = limit.try_acquire();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(limit.in_flight(), 2);
  auto refused = limit.try_acquire();
  EXPECT_THAT(refused, FailsWith(ErrorKind::rejected, "too many calls"));
  EXPECT_GT(refused.error().retry_after, 0s);
  {
    Slot done = std::move(*first);
  }
  EXPECT_EQ(limit.in_flight(), 1);
  EXPECT_THAT(limit.try_acquire(), IsOk());
}

TEST(ConcurrencyLimit, ASlotIsGivenBackOnce) {
  ManualClock clock;
  ConcurrencyLimit limit({.initial = 2, .min = 1, .max = 2}, clock);
  {
    auto slot = limit.try_acquire();
    slot->done(1s, 1s);
    Slot moved = std::move(*slot);
    moved.done(1s, 1s);
  }
  EXPECT_EQ(limit.in_flight(), 0);
}

/// Runs full rounds of calls, all `ratio` times as long as predicted.
void rounds(ConcurrencyLimit& limit, int n, double ratio) {
  for (int i = 0; i < n; ++i) {
    std::vector<Slot> slots;
    while (auto slot = limit.try_acquire()) slots.push_back(std::move(*slot));
    for (auto& slot : slots) slot.done(Duration(static_cast<Duration::rep>(1e6 * ratio)), 1ms);
  }
}

TEST(ConcurrencyLimit, GrowsToTheMaximumWhileCallsTakeWhatTheyShould) {
  ManualClock clock;
  ConcurrencyLimit limit({.initial = 4, .min = 1, .max = 9, .adaptive = true}, clock);
  rounds(limit, 100, 1.0);
  EXPECT_EQ(limit.limit(), 9);
}

TEST(ConcurrencyLimit, ShrinksToTheMinimumWhileCallsQueueInTheService) {
  ManualClock clock;
  ConcurrencyLimit limit({.initial = 8, .min = 2, .max = 9, .adaptive = true}, clock);
  rounds(limit, 100, 3.0);
  EXPECT_EQ(limit.limit(), 2);
}

TEST(ConcurrencyLimit, ALargeBatchIsNotMistakenForASlowService) {
  ManualClock clock;
  ConcurrencyLimit limit({.initial = 8, .min = 2, .max = 8, .adaptive = true}, clock);
  for (int i = 0; i < 100; ++i) limit.try_acquire()->done(10s, 10s);
  EXPECT_EQ(limit.limit(), 8);
}

TEST(ConcurrencyLimit, DoesNotGrowWhenItIsNotUsed) {
  ManualClock clock;
  ConcurrencyLimit limit({.initial = 4, .min = 1, .max = 9, .adaptive = true}, clock);
  for (int i = 0; i < 100; ++i) limit.try_acquire()->done(1ms, 1ms);
  EXPECT_EQ(limit.limit(), 4);
}

TEST(ConcurrencyLimit, DropsSamplesFromBeforeAChangeOfLimit) {
  ManualClock clock;
  ConcurrencyLimit limit({.initial = 8, .min = 2, .max = 8, .adaptive = true}, clock);
  std::vector<Slot> before;
  while (auto slot = limit.try_acquire()) before.push_back(std::move(*slot));
  for (int i = 0; i < 7; ++i) before[static_cast<std::size_t>(i)].done(3ms, 1ms);
  EXPECT_EQ(limit.limit(), 8);
  before[7].done(3ms, 1ms);
  EXPECT_EQ(limit.limit(), 7);
  std::vector<Slot> straddling;
  while (auto slot = limit.try_acquire()) straddling.push_back(std::move(*slot));
  for (auto& slot : straddling) slot.done(3ms, 1ms);
  EXPECT_EQ(limit.limit(), 6);
  // The last seven all began under limit 7: had the eighth of them counted, it would be 5 by now.
}

TEST(ConcurrencyLimit, AFixedLimitStays) {
  ManualClock clock;
  ConcurrencyLimit limit({.initial = 4, .min = 1, .max = 9}, clock);
  rounds(limit, 100, 5.0);
  EXPECT_EQ(limit.limit(), 4);
}

TEST(ConcurrencyLimit, NeverAdmitsMoreThanItsLimitUnderManyThreads) {
  ManualClock clock;
  ConcurrencyLimit limit({.initial = 3, .min = 1, .max = 3}, clock);
  std::atomic<int> inside{0}, most{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 2000; ++n) {
          auto slot = limit.try_acquire();
          if (!slot) continue;
          const int now = ++inside;
          int seen = most.load();
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          --inside;
        }
      });
    }
  }
  EXPECT_LE(most.load(), 3);
  EXPECT_EQ(limit.in_flight(), 0);
}

TEST(LatencyPercentile, IsUnknownUntilEnoughSamples) {
  LatencyPercentile latency;
  latency.add(1s);
  EXPECT_FALSE(latency.at(0.95, 2));
  latency.add(1s);
  EXPECT_EQ(latency.at(0.95, 2), 1s);
}

TEST(LatencyPercentile, IsTheNearestRankOfTheLatestSamples) {
  LatencyPercentile latency;
  for (int i = 0; i < 1000; ++i) latency.add(1h);
  for (int i = 1; i <= 256; ++i) latency.add(std::chrono::milliseconds(i));
  EXPECT_EQ(latency.at(0.5, 1), 128ms);
  EXPECT_EQ(latency.at(0.95, 1), 244ms);
}

TEST(PauseMeter, SumsPausesAndCountsOverlappingOnesOnce) {
  PauseMeter meter;
  const Clock::time_point t(1h);
  meter.begin(t);
  meter.begin(t + 1s);
  meter.end(t + 3s);
  EXPECT_EQ(meter.total(t + 4s), 4s);
  meter.end(t + 5s);
  EXPECT_EQ(meter.total(t + 9s), 5s);
  meter.begin(t + 10s);
  meter.end(t + 11s);
  EXPECT_EQ(meter.total(t + 20s), 6s);
}

}  // namespace
}  // namespace reelmill::testing
