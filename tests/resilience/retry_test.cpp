// SPDX-License-Identifier: Apache-2.0
#include "resilience/retry.h"

#include <optional>

#include "tests/resilience/guard_fixture.h"

namespace reelmill::testing {
namespace {

struct TestRetry {
  explicit TestRetry(RetryOptions options = fixed_delay(), RetryBudgetOptions budget = {})
      : retry("service", options, budget, clock, random) {}
  RetrySession begin(Clock::time_point deadline = Clock::time_point::max()) {
    return retry.begin(Idempotency::idempotent, deadline);
  }
  std::uint64_t gave_up(GiveUp reason) {
    return retry.snapshot().give_ups[static_cast<std::size_t>(reason)];
  }

  ManualClock clock;
  SeededRandom random{1};
  Retry retry;
};

TEST(Retry, TriesAgainUpToTheMaximumOfAttempts) {
  TestRetry t;
  auto session = t.begin();
  EXPECT_EQ(session.attempts(), 0);
  EXPECT_EQ(session.next_delay(error(ErrorKind::unavailable)), 1s);
  EXPECT_EQ(session.next_delay(error(ErrorKind::timeout)), 1s);
  EXPECT_EQ(session.next_delay(error(ErrorKind::unavailable)), std::nullopt);
  EXPECT_EQ(session.attempts(), 3);
  EXPECT_EQ(session.gave_up(), GiveUp::attempts);
}

TEST(Retry, WithOneAttemptNeverTriesAgain) {
  TestRetry t(fixed_delay(1));
  EXPECT_EQ(t.begin().next_delay(error(ErrorKind::unavailable)), std::nullopt);
}

TEST(Retry, AMillionAttemptsAreDefined) {
  TestRetry t(fixed_delay(1'000'000), {.capacity = 1e12, .retry_cost = 0});
  auto session = t.begin();
  for (int i = 0; i < 999'999; ++i) ASSERT_TRUE(session.next_delay(error(ErrorKind::unavailable)));
  EXPECT_FALSE(session.next_delay(error(ErrorKind::unavailable)));
  EXPECT_EQ(session.attempts(), 1'000'000);
}

class RetryKinds : public ::testing::TestWithParam<ErrorKind> {};

TEST_P(RetryKinds, OnlyTransientErrorsAreRetriedAndOnlyTheseCostBudget) {
  TestRetry t;
  const auto delay = t.begin().next_delay(error(GetParam(), 0s));
  const bool is_own = GetParam() == ErrorKind::circuit_open || GetParam() == ErrorKind::rejected;
  EXPECT_EQ(delay.has_value(), is_transient(GetParam()) || is_own);
  EXPECT_EQ(t.retry.budget().left() < 500, is_transient(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(All, RetryKinds,
                         ::testing::Values(ErrorKind::invalid_input, ErrorKind::not_found,
                                           ErrorKind::denied, ErrorKind::exhausted,
                                           ErrorKind::unavailable, ErrorKind::timeout,
                                           ErrorKind::throttled, ErrorKind::rejected,
                                           ErrorKind::circuit_open, ErrorKind::cancelled,
                                           ErrorKind::internal),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST(Retry, AnUnsafeCallIsRetriedOnlyWhenItWasNotSent) {
  TestRetry t;
  auto sent = t.retry.begin(Idempotency::unsafe);
  EXPECT_FALSE(sent.next_delay({ErrorKind::unavailable, "reset", 0s, true}));
  EXPECT_EQ(sent.gave_up(), GiveUp::unsafe);
  auto unsent = t.retry.begin(Idempotency::unsafe);
  EXPECT_TRUE(unsent.next_delay({ErrorKind::unavailable, "refused", 0s, false}));
}

TEST(Retry, RetryAfterIsAFloorUnderTheDelay) {
  TestRetry t;
  EXPECT_EQ(t.begin().next_delay(error(ErrorKind::throttled, 7s)), 7s);
  EXPECT_EQ(t.begin().next_delay(error(ErrorKind::throttled, 10ms)), 1s);
}

TEST(Retry, RetryAfterMayExceedTheLongestDelay) {
  TestRetry t;
  EXPECT_EQ(t.begin().next_delay(error(ErrorKind::unavailable, 5min)), 5min);
}

TEST(Retry, GivesUpAtOnceWhenTheServiceWantsMorePatienceThanWeHave) {
  TestRetry t;
  auto session = t.begin();
  EXPECT_FALSE(session.next_delay(error(ErrorKind::unavailable, 5min + 1ns)));
  EXPECT_EQ(session.gave_up(), GiveUp::retry_after);
  EXPECT_EQ(t.retry.budget().left(), 500);
}

TEST(Retry, NeverSchedulesARetryThatCannotBeginBeforeTheDeadline) {
  TestRetry t;
  auto in_time = t.begin(t.clock.now() + 1s + 1ns);
  EXPECT_TRUE(in_time.next_delay(error(ErrorKind::unavailable)));
  auto too_late = t.begin(t.clock.now() + 1s);
  EXPECT_FALSE(too_late.next_delay(error(ErrorKind::unavailable)));
  EXPECT_EQ(too_late.gave_up(), GiveUp::deadline);
}

TEST(Retry, ADeadlineThatHasPassedEndsItAtOnce) {
  TestRetry t;
  auto session = t.begin(t.clock.now() - 1s);
  EXPECT_FALSE(session.next_delay(error(ErrorKind::unavailable)));
}

TEST(Retry, OwnRefusalsAreDeferralsWithoutAttemptOrCharge) {
  TestRetry t;
  auto session = t.begin();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(session.next_delay(error(ErrorKind::circuit_open, 30s)), 30s);
    EXPECT_EQ(session.next_delay(error(ErrorKind::rejected, 5ms)), 5ms);
  }
  EXPECT_EQ(session.attempts(), 0);
  EXPECT_EQ(t.retry.budget().left(), 500);
  EXPECT_EQ(t.retry.snapshot().deferrals, 200u);
  EXPECT_EQ(t.retry.snapshot().retries, 0u);
}

TEST(Retry, DeferralsAreBoundedByTheDeadline) {
  TestRetry t;
  auto session = t.begin(t.clock.now() + 30s);
  EXPECT_TRUE(session.next_delay(error(ErrorKind::circuit_open, 29s)));
  EXPECT_FALSE(session.next_delay(error(ErrorKind::circuit_open, 30s)));
  EXPECT_EQ(session.gave_up(), GiveUp::deadline);
}

TEST(Retry, TheTotalTimeoutBoundsTheSession) {
  TestRetry t;
  auto session = t.retry.begin(Idempotency::idempotent, RetryLimits{.total_timeout = 10s});
  EXPECT_EQ(session.deadline(), t.clock.now() + 10s);
  t.clock.advance(9s);
  EXPECT_FALSE(session.next_delay(error(ErrorKind::unavailable)));
}

TEST(Retry, TheTotalTimeoutLeavesOutTheTimeALegIsPaused) {
  TestRetry t;
  PauseMeter paused;
  paused.begin(t.clock.now());
  t.clock.advance(1h);
  auto session =
      t.retry.begin(Idempotency::idempotent, RetryLimits{.total_timeout = 10s, .paused = &paused});
  t.clock.advance(1h);
  paused.end(t.clock.now());
  t.clock.advance(8s);
  EXPECT_TRUE(session.next_delay(error(ErrorKind::unavailable)));
  t.clock.advance(1s);
  EXPECT_FALSE(session.next_delay(error(ErrorKind::unavailable)));
}

TEST(Retry, TheCallersDeadlineCountsPausesToo) {
  TestRetry t;
  PauseMeter paused;
  paused.begin(t.clock.now());
  const auto deadline = t.clock.now() + 10s;
  auto session =
      t.retry.begin(Idempotency::idempotent,
                    RetryLimits{.deadline = deadline, .total_timeout = 10s, .paused = &paused});
  t.clock.advance(9s);
  EXPECT_EQ(session.deadline(), deadline);
}

TEST(Retry, SaysWhatItHasDone) {
  TestRetry t;
  auto healed = t.begin();
  healed.next_delay(error(ErrorKind::unavailable));
  healed.next_delay(error(ErrorKind::throttled, 4s));
  healed.succeeded();
  t.clock.advance(2min);
  t.begin().next_delay(error(ErrorKind::denied));
  t.begin().succeeded();
  const auto s = t.retry.snapshot();
  EXPECT_EQ(s.attempts, 5u);
  EXPECT_EQ(s.retries, 2u);
  EXPECT_EQ(s.retries_by_kind[static_cast<std::size_t>(ErrorKind::throttled)], 1u);
  EXPECT_EQ(s.successes_after, (std::vector<std::uint64_t>{1, 0, 1}));
  EXPECT_EQ(t.gave_up(GiveUp::not_retryable), 1u);
  EXPECT_EQ(s.delay_spent, 5s);
  ASSERT_EQ(s.history.size(), 2u);
  EXPECT_EQ(s.history[1].begins - s.history[0].begins, 2min);
  EXPECT_EQ(s.history[0].failures[static_cast<std::size_t>(ErrorKind::unavailable)], 1u);
  EXPECT_EQ(s.history[1].failures[static_cast<std::size_t>(ErrorKind::denied)], 1u);
}

TEST(Retry, KeepsTheFailuresOfTheLastHourByMinute) {
  TestRetry t;
  for (int i = 0; i < 100; ++i) {
    t.begin().next_delay(error(ErrorKind::denied));
    t.clock.advance(1min);
  }
  EXPECT_EQ(t.retry.snapshot().history.size(), 60u);
}

TEST(RetryBudget, IsChargedWhenARetryIsScheduledAndRefundedWhenItSucceeds) {
  TestRetry t;
  auto session = t.begin();
  session.next_delay(error(ErrorKind::unavailable));
  EXPECT_EQ(t.retry.budget().left(), 486);
  session.next_delay(error(ErrorKind::throttled));
  EXPECT_EQ(t.retry.budget().left(), 481);
  session.succeeded();
  EXPECT_EQ(t.retry.budget().left(), 486);  // the call that succeeded, not the one that failed
}

TEST(RetryBudget, GrowsByACleanSuccessUpToItsCapacity) {
  TestRetry t;
  t.begin().next_delay(error(ErrorKind::unavailable));
  for (int i = 0; i < 5; ++i) t.begin().succeeded();
  EXPECT_EQ(t.retry.budget().left(), 491);
  for (int i = 0; i < 50; ++i) t.begin().succeeded();
  EXPECT_EQ(t.retry.budget().left(), 500);
}

TEST(RetryBudget, AnEmptyBudgetMeansNoRetry) {
  TestRetry t(fixed_delay(), {.capacity = 30});
  EXPECT_TRUE(t.begin().next_delay(error(ErrorKind::unavailable)));
  EXPECT_TRUE(t.begin().next_delay(error(ErrorKind::unavailable)));
  auto third = t.begin();
  EXPECT_FALSE(third.next_delay(error(ErrorKind::unavailable)));
  EXPECT_EQ(third.gave_up(), GiveUp::budget);
  EXPECT_EQ(t.retry.budget().left(), 2);
}

TEST(RetryBudget, OfZeroNeverRetries) {
  TestRetry t(fixed_delay(), {.capacity = 0});
  EXPECT_FALSE(t.begin().next_delay(error(ErrorKind::unavailable)));
}

TEST(AdaptiveRetry, ChoosesAmongTheFiveStrategies) {
  TestRetry t({.strategy = RetryStrategy::adaptive, .base_delay = 1s});
  for (int i = 0; i < 50; ++i) {
    const auto delay = t.begin().next_delay(error(ErrorKind::unavailable));
    if (!delay) continue;
    EXPECT_LE(*delay, 1s);
  }
}

TEST(StrategyChooser, LearnsWhatPaysMostWhereEverythingPaysLittle) {
  StrategyChooser chooser;
  SeededRandom random(8);
  int best = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto arm = chooser.choose(random);
    const bool is_best = arm == RetryStrategy::exponential;
    chooser.reward(arm, is_best ? 0.08 : 0.03);
    best += i >= 1000 && is_best ? 1 : 0;
  }
  EXPECT_GT(best, 1400);
}

TEST(StrategyChooser, PrefersWhatHasPaid) {
  StrategyChooser chooser;
  SeededRandom random(7);
  for (int i = 0; i < 300; ++i) {
    const auto arm = chooser.choose(random);
    chooser.reward(arm, arm == RetryStrategy::linear ? 0.8 : 0.2);
  }
  int linear = 0;
  for (int i = 0; i < 200; ++i) linear += chooser.choose(random) == RetryStrategy::linear ? 1 : 0;
  EXPECT_GT(linear, 120);
  EXPECT_GT(chooser.expected(RetryStrategy::linear), chooser.expected(RetryStrategy::fixed));
}

TEST(StrategyChooser, TakesWhatPaidLongAgoToBeWorthTheAverage) {
  StrategyChooser chooser;
  for (int i = 0; i < 100; ++i) chooser.reward(RetryStrategy::fixed, 1);
  for (int i = 0; i < 1000; ++i) chooser.reward(RetryStrategy::linear, 0.5);
  EXPECT_NEAR(chooser.expected(RetryStrategy::fixed), 0.5, 0.01);
  EXPECT_NEAR(chooser.expected(RetryStrategy::linear), 0.5, 0.01);
}

TEST(RetryReward, IsSuccessDiscountedByTimeAndShareOfAttempts) {
  EXPECT_EQ(retry_reward(false, 0s, 1), 0);
  EXPECT_EQ(retry_reward(true, 0s, 1), 1);
  EXPECT_DOUBLE_EQ(retry_reward(true, 10s, 2), std::exp(-1) / 2);
}

TEST(Retry, RefusesOptionsOutsideTheirRange) {
  EXPECT_THROW(TestRetry(fixed_delay(0)), std::invalid_argument);
  EXPECT_THROW(TestRetry(fixed_delay(), {.retry_cost = -1}), std::invalid_argument);
}

}  // namespace
}  // namespace reelmill::testing
