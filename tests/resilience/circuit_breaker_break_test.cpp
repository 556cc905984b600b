// SPDX-License-Identifier: Apache-2.0
// How long breaks last, and how calls come back after them.
#include <cmath>

#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

CircuitBreakerOptions breaking(Duration first, Duration longest, double multiplier = 2) {
  auto options = quiet_options();
  options.failure_threshold = 1;
  options.success_threshold = 1;
  options.timeout = first;
  options.max_timeout = longest;
  options.timeout_multiplier = multiplier;
  return options;
}

/// Fails the probe of each break and returns how long the breaks were.
std::vector<Duration> breaks(TestBreaker& t, int n) {
  std::vector<Duration> lengths;
  for (int i = 0; i < n; ++i) {
    t.fail();
    lengths.push_back(t.refusal());
    t.clock.advance(lengths.back());
  }
  return lengths;
}

TEST(Breaks, GrowByTheMultiplierUpToTheLongest) {
  TestBreaker t(breaking(10s, 60s));
  EXPECT_EQ(breaks(t, 5), (std::vector<Duration>{10s, 20s, 40s, 60s, 60s}));
}

TEST(Breaks, StayAsTheyAreWithAMultiplierOfOne) {
  TestBreaker t(breaking(10s, 60s, 1));
  EXPECT_EQ(breaks(t, 3), (std::vector<Duration>{10s, 10s, 10s}));
}

TEST(Breaks, SaturateHoweverOftenTheBreakerTrips) {
  TestBreaker t(breaking(10s, 60s, 1000));
  EXPECT_EQ(breaks(t, 1200).back(), 60s);
}

TEST(Breaks, BeginAnewAfterTheBreakerWasClosedForTheLongestBreak) {
  TestBreaker t(breaking(10s, 60s));
  breaks(t, 3);
  t.succeed();
  t.clock.advance(60s);
  EXPECT_EQ(breaks(t, 1).front(), 10s);
}

TEST(Breaks, GoOnGrowingWhenTheBreakerWasClosedForLess) {
  TestBreaker t(breaking(10s, 60s));
  breaks(t, 2);
  t.succeed();
  t.clock.advance(60s - 1ns);
  EXPECT_EQ(breaks(t, 1).front(), 40s);
}

TEST(Breaks, AreSpreadByTheJitter) {
  auto options = breaking(100s, 1000s);
  options.timeout_jitter = 0.1;
  FixedRandom low(0), high(0.999999999), middle(0.5);
  TestBreaker shortest(options, low), longest(options, high), plain(options, middle);
  EXPECT_EQ(breaks(shortest, 1).front(), 90s);
  EXPECT_NEAR(to_seconds(breaks(longest, 1).front()), 110, 1e-6);
  EXPECT_EQ(breaks(plain, 1).front(), 100s);
}

TEST(Breaks, AreCappedAfterTheJitter) {
  auto options = breaking(60s, 60s);
  options.timeout_jitter = 0.5;
  FixedRandom high(0.99);
  TestBreaker t(options, high);
  EXPECT_EQ(breaks(t, 1).front(), 60s);
}

TEST(Breaks, LastAtLeastAsLongAsTheServiceAsks) {
  TestBreaker t(breaking(10s, 60s));
  t.fail(ErrorKind::unavailable, 45s);
  EXPECT_EQ(t.refusal(), 45s);
}

TEST(Breaks, NeverLastLongerThanTheLongestWhateverTheServiceAsks) {
  TestBreaker t(breaking(10s, 60s));
  t.fail(ErrorKind::unavailable, 24h);
  EXPECT_EQ(t.refusal(), 60s);
}

TEST(Breaks, AProbesRetryAfterCountsToo) {
  TestBreaker t(breaking(10s, 60s));
  t.fail();
  t.clock.advance(10s);
  t.fail(ErrorKind::unavailable, 33s);
  EXPECT_EQ(t.refusal(), 33s);
}

TEST(Breaks, OfZeroLengthAreOverAtOnce) {
  TestBreaker t(breaking(0s, 0s));
  t.fail();
  EXPECT_TRUE(t.is_open());
  EXPECT_TRUE(t.succeed());
  EXPECT_TRUE(t.is_closed());
}

TEST(Breaks, AreOverWhenTheClockJumpsAhead) {
  TestBreaker t(breaking(10s, 60s));
  t.fail();
  t.clock.advance(24h * 365);
  EXPECT_TRUE(t.succeed());
}

TEST(Breaks, LastLongerWhenTheClockJumpsBackButStillEnd) {
  TestBreaker t(breaking(10s, 60s));
  t.fail();
  t.clock.set(t.clock.now() - 1h);
  EXPECT_EQ(t.refusal(), 1h + 10s);
  t.clock.advance(1h + 10s);
  EXPECT_TRUE(t.succeed());
}

CircuitBreakerOptions ramping(Duration step, double start) {
  auto options = breaking(10s, 60s);
  options.ramp_step = step;
  options.ramp_start = start;
  return options;
}

int admitted(TestBreaker& t, int calls) {
  int n = 0;
  for (int i = 0; i < calls; ++i) n += t.succeed() ? 1 : 0;
  return n;
}

TEST(Ramp, AdmitsAShareThatDoublesEveryStepAfterClosing) {
  TestBreaker t(ramping(1s, 0.1));
  t.fail();
  t.clock.advance(10s);
  ASSERT_TRUE(t.succeed());
  EXPECT_TRUE(t.is_closed());
  EXPECT_EQ(admitted(t, 100), 10);
  t.clock.advance(1s);
  EXPECT_EQ(admitted(t, 100), 20);
  t.clock.advance(1s);
  EXPECT_EQ(admitted(t, 100), 40);
  t.clock.advance(1s);
  EXPECT_EQ(admitted(t, 100), 80);
  t.clock.advance(1s);
  EXPECT_EQ(admitted(t, 100), 100);
}

TEST(Ramp, RefusesUntilTheNextStep) {
  TestBreaker t(ramping(8s, 0.1));
  t.fail();
  t.clock.advance(10s);
  t.succeed();
  t.succeed();
  t.clock.advance(3s);
  EXPECT_EQ(t.refusal(), 5s);
  EXPECT_TRUE(t.is_closed());
  EXPECT_EQ(t.breaker.snapshot().refused, 1u);
}

TEST(Ramp, TheFirstCallAfterClosingIsAdmitted) {
  TestBreaker t(ramping(1s, 0.001));
  t.fail();
  t.clock.advance(10s);
  t.succeed();
  EXPECT_TRUE(t.succeed());
  EXPECT_FALSE(t.succeed());
}

TEST(Ramp, FailuresTripTheBreakerWhileItRamps) {
  TestBreaker t(ramping(1s, 0.5));
  t.fail();
  t.clock.advance(10s);
  t.succeed();
  t.fail();
  EXPECT_TRUE(t.is_open());
}

TEST(Ramp, EndsWithoutANewGeneration) {
  TestBreaker t(ramping(1s, 0.5));
  t.fail();
  t.clock.advance(10s);
  t.succeed();
  auto during = t.must_acquire();
  t.clock.advance(1s);
  t.succeed();
  during.succeed();
  EXPECT_EQ(t.breaker.snapshot().stale, 0u);
  EXPECT_EQ(t.breaker.snapshot().successes, 3u);
}

TEST(Ramp, IsOffByDefaultAndWithAStartOfOne) {
  for (const auto& options : {breaking(10s, 60s), ramping(1s, 1)}) {
    TestBreaker t(options);
    t.fail();
    t.clock.advance(10s);
    t.succeed();
    EXPECT_EQ(admitted(t, 50), 50);
  }
}

TEST(Ramp, DoesNotApplyToABreakerThatNeverOpened) {
  TestBreaker t(ramping(1s, 0.1));
  EXPECT_EQ(admitted(t, 50), 50);
}

}  // namespace
}  // namespace reelmill::testing
