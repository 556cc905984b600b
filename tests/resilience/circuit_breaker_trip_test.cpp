// SPDX-License-Identifier: Apache-2.0
// When a closed breaker trips: rates, slow calls, windows of calls and of time.
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

CircuitBreakerOptions rate(double threshold, int minimum, int window) {
  auto options = quiet_options();
  options.failure_rate_threshold = threshold;
  options.minimum_calls = minimum;
  options.window_calls = window;
  options.success_threshold = 1;
  return options;
}

CircuitBreakerOptions slow(Duration longest, double threshold, int minimum) {
  auto options = quiet_options();
  options.slow_call_duration = longest;
  options.slow_call_rate_threshold = threshold;
  options.minimum_calls = minimum;
  options.success_threshold = 1;
  return options;
}

CircuitBreakerOptions timed(Duration window, int buckets, double threshold, int minimum) {
  auto options = rate(threshold, minimum, 0);
  options.window_time = window;
  options.window_buckets = buckets;
  return options;
}

TEST(FailureRate, TripsWhenTheShareReachesTheThresholdExactly) {
  TestBreaker t(rate(0.5, 10, 10));
  t.succeed_times(5);
  t.fail_times(4);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
  EXPECT_EQ(t.transitions.back().reason, "5 of 10 calls failed");
}

TEST(FailureRate, AShareThatIsNoBinaryFractionIsComparedExactly) {
  // 0.1 * 30 is not 3 in every order of rounding; 3 / 30 is 0.1.
  TestBreaker t(rate(0.1, 30, 30));
  t.succeed_times(27);
  t.fail_times(3);
  EXPECT_TRUE(t.is_open());
}

TEST(FailureRate, AShareJustBelowTheThresholdDoesNotTrip) {
  TestBreaker t(rate(0.334, 3, 3));
  t.succeed_times(2);
  t.fail_times(1);
  EXPECT_TRUE(t.is_closed());
}

TEST(FailureRate, IsNotJudgedOnFewerCallsThanTheMinimum) {
  TestBreaker t(rate(0.5, 20, 100));
  t.fail_times(19);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(FailureRate, IsJudgedWhenASuccessRaisesTheCountToTheMinimum) {
  TestBreaker t(rate(0.5, 4, 100));
  t.fail_times(3);
  EXPECT_TRUE(t.is_closed());
  t.succeed();
  EXPECT_TRUE(t.is_open());
}

TEST(FailureRate, ASuccessBeyondTheMinimumJudgesNothing) {
  auto options = rate(0.5, 2, 100);
  TestBreaker t(options);
  t.succeed_times(3);
  t.fail_times(2);
  t.succeed_times(1);
  t.fail_times(1);
  EXPECT_TRUE(t.is_closed());  // 3 of 7
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());  // 4 of 8
}

TEST(FailureRate, TheMinimumIsAtMostTheWindow) {
  TestBreaker t(rate(0.5, 1000, 4));
  t.fail_times(3);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(FailureRate, AWindowOfOneCallTripsOnOneFailure) {
  TestBreaker t(rate(1.0, 1, 1));
  t.succeed_times(10);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(FailureRate, AThresholdOfOneNeedsAWindowFullOfFailures) {
  TestBreaker t(rate(1.0, 3, 3));
  t.fail_times(2);
  t.succeed();
  t.fail_times(2);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(FailureRate, AThresholdAboveOneIsOff) {
  TestBreaker t(rate(1.5, 3, 3));
  t.fail_times(1000);
  EXPECT_TRUE(t.is_closed());
}

TEST(FailureRate, OldCallsLeaveTheCountWindow) {
  TestBreaker t(rate(0.5, 4, 4));
  t.fail_times(1);
  t.succeed_times(3);
  EXPECT_EQ(t.breaker.snapshot().failure_rate, 0.25);
  t.succeed_times(1);
  EXPECT_EQ(t.breaker.snapshot().failure_rate, 0);
  t.fail_times(1);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(FailureRate, BothDefaultsTripAsDocumented) {
  TestBreaker t({.timeout_jitter = 0});
  // Half of the calls fail, never five in a row: the rate trips at its minimum of 20 calls.
  for (int i = 0; i < 19; ++i) i % 2 == 0 ? t.fail() : t.succeed();
  EXPECT_TRUE(t.is_closed());
  t.succeed();
  EXPECT_TRUE(t.is_open());
}

TEST(SlowCalls, AreStrictlyLongerThanTheirDuration) {
  TestBreaker t(slow(1s, 1.0, 1));
  t.succeed(1s);
  EXPECT_TRUE(t.is_closed());
  EXPECT_EQ(t.breaker.snapshot().slow, 0u);
  t.succeed(1s + 1ns);
  EXPECT_EQ(t.breaker.snapshot().slow, 1u);
}

TEST(SlowCalls, TripWhenTheirShareReachesTheThreshold) {
  TestBreaker t(slow(1s, 0.5, 4));
  t.succeed(2s);
  t.succeed(1s);
  t.succeed(1s);
  EXPECT_TRUE(t.is_closed());
  t.succeed(2s);
  EXPECT_TRUE(t.is_open());
  EXPECT_EQ(t.transitions.back().reason, "2 of 4 calls were slow");
}

TEST(SlowCalls, CountOnceAsSuccessAndOnceAsSlow) {
  TestBreaker t(slow(1s, 2, 4));
  t.succeed(2s);
  t.succeed(1s);
  const auto s = t.breaker.snapshot();
  EXPECT_EQ(s.successes, 2u);
  EXPECT_EQ(s.slow, 1u);
  EXPECT_EQ(s.failures, 0u);
  EXPECT_EQ(s.slow_call_rate, 0.5);
}

TEST(SlowCalls, EndARowOfFailures) {
  auto options = slow(1s, 2, 4);
  options.failure_threshold = 2;
  TestBreaker t(options);
  t.fail();
  t.succeed(2s);
  t.fail();
  EXPECT_TRUE(t.is_closed());
}

TEST(SlowCalls, AreJudgedPerUnitOfWork) {
  TestBreaker t(slow(1s, 0.5, 1));
  t.succeed(10s, 10);
  EXPECT_TRUE(t.is_closed());
  t.succeed(10s + 1ns, 10);
  EXPECT_TRUE(t.is_open());
}

TEST(SlowCalls, WithoutUnitsOfWorkACallIsOneUnit) {
  TestBreaker t(slow(1s, 2, 1));
  t.succeed(2s, 0);
  t.succeed(2s, -3);
  t.succeed(2s, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(t.breaker.snapshot().slow, 3u);
}

TEST(SlowCalls, FailTheProbeTheyAre) {
  auto options = slow(1s, 1.0, 1);
  TestBreaker t(options);
  t.succeed(2s);
  t.clock.advance(60s);
  t.succeed(2s);
  EXPECT_TRUE(t.is_open());
  t.clock.advance(120s);
  t.succeed(1s);
  EXPECT_TRUE(t.is_closed());
}

TEST(SlowCalls, SlowProbesAreNoFailuresWhereSlowCallsAreNotWatched) {
  auto options = quiet_options();
  options.failure_threshold = 1;
  options.success_threshold = 1;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(60s);
  t.succeed(59s);
  EXPECT_TRUE(t.is_closed());
}

TEST(TimeWindow, ForgetsCallsOlderThanItself) {
  TestBreaker t(timed(10s, 10, 0.5, 4));
  t.fail_times(3);
  t.clock.advance(10s);
  t.fail_times(1);
  EXPECT_TRUE(t.is_closed());
  EXPECT_EQ(t.breaker.snapshot().failure_rate, 1);
  t.fail_times(3);
  EXPECT_TRUE(t.is_open());
}

TEST(TimeWindow, ItsBucketsAreAlignedWithTheClock) {
  TestBreaker t(timed(10s, 10, 0.5, 4));
  t.clock.set(Clock::time_point(100s + 900ms));
  t.fail_times(3);
  t.clock.set(Clock::time_point(110s - 1ns));  // the bucket of second 100 is the oldest of ten
  EXPECT_EQ(t.breaker.snapshot().failure_rate, 1);
  t.clock.set(Clock::time_point(110s));
  EXPECT_EQ(t.breaker.snapshot().failure_rate, 0);
}

TEST(TimeWindow, JudgesWhenASuccessRaisesTheCountToTheMinimum) {
  TestBreaker t(timed(10s, 10, 0.5, 4));
  t.fail_times(3);
  t.succeed();
  EXPECT_TRUE(t.is_open());
}

TEST(TimeWindow, JudgesAgainWhenTheCountRisesToTheMinimumAgain) {
  TestBreaker t(timed(10s, 10, 0.5, 4));
  t.succeed_times(4);
  t.clock.advance(9s);
  t.fail_times(2);
  t.succeed_times(1);
  EXPECT_TRUE(t.is_closed());  // 2 of 7
  t.clock.advance(5s);         // the first four have left
  t.succeed_times(1);          // 2 of 4
  EXPECT_TRUE(t.is_open());
}

TEST(TimeWindow, AClockThatJumpsFarAheadEmptiesIt) {
  TestBreaker t(timed(10s, 10, 0.5, 4));
  t.fail_times(3);
  t.clock.advance(24h * 365 * 50);
  EXPECT_EQ(t.breaker.snapshot().failure_rate, 0);
  t.fail_times(3);
  EXPECT_TRUE(t.is_closed());
}

TEST(TimeWindow, AClockThatJumpsBackLosesNothing) {
  TestBreaker t(timed(10s, 10, 0.5, 4));
  t.fail_times(2);
  t.clock.set(t.clock.now() - 1h);
  t.fail_times(2);
  EXPECT_TRUE(t.is_open());
}

TEST(TimeWindow, WorksWithOneBucketOfOneNanosecond) {
  TestBreaker t(timed(1ns, 1, 1.0, 2));
  t.fail();
  t.clock.advance(1ns);
  t.fail();
  EXPECT_TRUE(t.is_closed());
  t.fail();
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, ACallThatSeemsToEndBeforeItBeganIsNotSlow) {
  TestBreaker t(slow(1s, 1.0, 1));
  auto permit = t.must_acquire();
  t.clock.set(t.clock.now() - 1h);
  permit.succeed();
  EXPECT_EQ(t.breaker.snapshot().slow, 0u);
}

}  // namespace
}  // namespace reelmill::testing
