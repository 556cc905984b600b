// SPDX-License-Identifier: Apache-2.0
#include "resilience/circuit_breaker.h"

#include <stdexcept>

#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

TEST(CircuitBreaker, BeginsClosedAndAdmits) {
  TestBreaker t({});
  EXPECT_TRUE(t.is_closed());
  EXPECT_THAT(t.acquire(), IsOk());
}

TEST(CircuitBreaker, TripsOnTheLastOfSoManyConsecutiveFailures) {
  TestBreaker t(trips_after(5));
  t.fail_times(4);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, OneConsecutiveFailureTripsWhereTheThresholdIsOne) {
  TestBreaker t(trips_after(1));
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, NoNumberOfConsecutiveFailuresTripsWhereTheThresholdIsZero) {
  TestBreaker t(trips_after(0));
  t.fail_times(1000);
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, ASuccessEndsARowOfFailures) {
  TestBreaker t(trips_after(3));
  t.fail_times(2);
  t.succeed();
  t.fail_times(2);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, AnIgnoredCallDoesNotEndARowOfFailures) {
  TestBreaker t(trips_after(3));
  t.fail_times(2);
  t.must_acquire().ignore();
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, RefusesWithTheTimeLeftWhileOpen) {
  TestBreaker t(trips_after(1));
  t.fail();
  t.clock.advance(20s);
  auto refused = t.acquire();
  EXPECT_THAT(refused, FailsWith(ErrorKind::circuit_open, "open"));
  EXPECT_EQ(refused.error().retry_after, 40s);
  EXPECT_FALSE(refused.error().was_sent);
}

TEST(CircuitBreaker, StaysOpenUntilTheNextAcquireAfterTheBreak) {
  TestBreaker t(trips_after(1));
  t.fail();
  t.clock.advance(60s - 1ns);
  EXPECT_THAT(t.acquire(), FailsWith(ErrorKind::circuit_open));
  t.clock.advance(1ns);
  EXPECT_TRUE(t.is_open());
  auto permit = t.acquire();
  EXPECT_THAT(permit, IsOk());
  EXPECT_TRUE(t.is_half_open());
}

TEST(CircuitBreaker, ClosesAfterSoManyProbeSuccesses) {
  TestBreaker t(trips_after(1, 3));
  t.fail();
  t.clock.advance(60s);
  t.succeed_times(2);
  EXPECT_TRUE(t.is_half_open());
  t.succeed_times(1);
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, ReopensOnTheFirstProbeFailureWhenEveryProbeMustSucceed) {
  TestBreaker t(trips_after(1, 3));
  t.fail();
  t.clock.advance(60s);
  t.succeed_times(2);
  t.fail();
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, ReopensAsSoonAsTooFewProbesAreLeftToClose) {
  auto options = trips_after(1, 2);
  options.permitted_probes = 5;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(60s);
  t.fail_times(3);  // 5 - 2 failures are tolerated
  EXPECT_TRUE(t.is_half_open());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, ToleratedProbeFailuresDoNotHinderClosing) {
  auto options = trips_after(1, 2);
  options.permitted_probes = 5;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(60s);
  t.fail_times(3);
  t.succeed_times(2);
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, AdmitsAsManyProbesAsAreNeededToClose) {
  TestBreaker t(trips_after(1, 3));
  t.fail();
  t.clock.advance(60s);
  std::vector<Permit> probes;
  for (int i = 0; i < 3; ++i) probes.push_back(t.must_acquire());
  EXPECT_THAT(t.acquire(), FailsWith(ErrorKind::circuit_open));
}

TEST(CircuitBreaker, DecidedProbesKeepTheirPlaces) {
  auto options = trips_after(1, 2);
  options.permitted_probes = 3;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(60s);
  t.succeed();
  t.fail();
  auto last = t.must_acquire();
  EXPECT_THAT(t.acquire(), FailsWith(ErrorKind::circuit_open));
}

TEST(CircuitBreaker, EveryTransitionClearsTheWindow) {
  auto options = trips_after(0);
  options.failure_rate_threshold = 0.5;
  options.minimum_calls = 4;
  options.window_calls = 4;
  TestBreaker t(options);
  t.fail_times(4);
  EXPECT_TRUE(t.is_open());
  EXPECT_EQ(t.breaker.snapshot().failure_rate, 0);
  t.clock.advance(60s);
  t.succeed();
  EXPECT_TRUE(t.is_closed());
  t.fail_times(3);
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, ClosingForgetsTheRowOfFailuresBeforeTheTrip) {
  TestBreaker t(trips_after(3));
  t.fail_times(3);
  t.clock.advance(60s);
  t.succeed();
  t.fail_times(2);
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, TotalsCountSinceCreationOverAllGenerations) {
  TestBreaker t(trips_after(2));
  t.succeed_times(3);
  t.must_acquire().ignore();
  auto late = t.must_acquire();
  t.fail_times(2);
  t.acquire().has_value();
  late.succeed();
  t.clock.advance(60s);
  t.succeed_times(4);
  const auto s = t.breaker.snapshot();
  EXPECT_EQ(s.successes, 7u);
  EXPECT_EQ(s.failures, 2u);
  EXPECT_EQ(s.ignored, 1u);
  EXPECT_EQ(s.refused, 1u);
  EXPECT_EQ(s.stale, 1u);
  EXPECT_EQ(s.trips, 1u);
  EXPECT_EQ(s.slow, 0u);
  EXPECT_EQ(s.changed_at, t.clock.now());
}

TEST(CircuitBreaker, CountsMoreCallsThanItsWordHasBitsFor) {
  auto options = trips_after(2);
  options.failure_rate_threshold = 1;
  options.minimum_calls = 2;
  options.window_calls = 4;
  TestBreaker t(options);
  const int calls = 9'000'000;  // the word is relieved at 2^23
  for (int i = 0; i < calls; ++i) t.breaker.acquire()->succeed();
  t.fail();
  EXPECT_EQ(t.breaker.snapshot().failure_rate, 0.25);
  t.succeed();
  t.fail();
  EXPECT_TRUE(t.is_closed());
  EXPECT_EQ(t.breaker.snapshot().successes, calls + 1u);
  t.fail();
  EXPECT_TRUE(t.is_open());
  EXPECT_EQ(t.breaker.snapshot().failures, 3u);
}

TEST(CircuitBreaker, RefusesOptionsOutsideTheirRangeAllAtOnce) {
  ManualClock clock;
  CircuitBreakerOptions options;
  options.success_threshold = 3;
  options.permitted_probes = 2;
  options.timeout_jitter = 1;
  try {
    CircuitBreaker breaker("service", options, clock);
    FAIL() << "accepted";
  } catch (const std::invalid_argument& refused) {
    EXPECT_THAT(refused.what(), ::testing::HasSubstr("permitted_probes"));
    EXPECT_THAT(refused.what(), ::testing::HasSubstr("timeout_jitter: 1 is outside [0, 1)"));
  }
}

TEST(CircuitBreaker, SaysWhenTheNextCallMayBeAdmitted) {
  TestBreaker t(trips_after(1));
  EXPECT_EQ(t.breaker.next_admission(), Clock::time_point::min());
  t.fail();
  EXPECT_EQ(t.breaker.next_admission(), t.clock.now() + 60s);
  t.clock.advance(60s);
  auto probe = t.must_acquire();
  EXPECT_EQ(t.breaker.next_admission(), t.clock.now() + 60s);
  probe.ignore();
  EXPECT_EQ(t.breaker.next_admission(), Clock::time_point::min());
  t.breaker.set_mode(CircuitMode::forced_open);
  EXPECT_EQ(t.breaker.next_admission(), Clock::time_point::max());
}

}  // namespace
}  // namespace reelmill::testing
