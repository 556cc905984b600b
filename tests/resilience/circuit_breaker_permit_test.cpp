// SPDX-License-Identifier: Apache-2.0
// Places of probes, permits that are never answered, and answers that come late.
#include "resilience/circuit_breaker.h"
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

TEST(CircuitBreaker, AFullHalfOpenStateRefusesUntilTheEarliestProbeTimeout) {
  auto options = trips_after(1, 2);
  options.probe_timeout = 10s;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(60s);
  auto first = t.must_acquire();
  t.clock.advance(4s);
  auto second = t.must_acquire();
  t.clock.advance(1s);
  EXPECT_EQ(t.refusal(), 5s);
}

TEST(CircuitBreaker, AnIgnoredProbeReturnsItsPlace) {
  TestBreaker t(trips_after(1));
  t.fail();
  t.clock.advance(60s);
  t.must_acquire().ignore();
  EXPECT_TRUE(t.is_half_open());
  EXPECT_TRUE(t.succeed());
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, APermitDestroyedUnansweredReturnsItsPlace) {
  TestBreaker t(trips_after(1));
  t.fail();
  t.clock.advance(60s);
  {
    auto permit = t.must_acquire();
  }
  EXPECT_TRUE(t.succeed());
  EXPECT_TRUE(t.is_closed());
  EXPECT_EQ(t.breaker.snapshot().ignored, 1u);
}

TEST(CircuitBreaker, AMovedPermitAnswersOnce) {
  TestBreaker t(trips_after(1));
  auto permit = t.must_acquire();
  Permit moved = std::move(permit);
  moved.succeed();
  moved.fail(error(ErrorKind::unavailable));
  EXPECT_TRUE(t.is_closed());
  EXPECT_EQ(t.breaker.snapshot().successes, 1u);
}

TEST(CircuitBreaker, APermitAssignedToGivesItsOldPlaceBack) {
  TestBreaker t(trips_after(1, 2));
  t.fail();
  t.clock.advance(60s);
  auto first = t.must_acquire();
  first = t.must_acquire();
  EXPECT_EQ(t.breaker.snapshot().ignored, 1u);
  EXPECT_THAT(t.acquire(), IsOk());
}

TEST(CircuitBreaker, AnUnreportedProbeCountsAsFailedAfterTheProbeTimeout) {
  auto options = trips_after(1);
  options.probe_timeout = 10s;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(60s);
  auto probe = t.must_acquire();
  t.clock.advance(10s);
  EXPECT_TRUE(t.is_open());
  EXPECT_EQ(t.breaker.snapshot().failures, 2u);
  probe.succeed();
  EXPECT_TRUE(t.is_open());
  EXPECT_EQ(t.breaker.snapshot().stale, 1u);
}

TEST(CircuitBreaker, TheBreakAfterAnUnreportedProbeStartsAtItsDeadline) {
  auto options = trips_after(1);
  options.probe_timeout = 10s;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(60s);
  auto probe = t.must_acquire();
  t.clock.advance(30s);  // 20 s after the deadline; the second break lasts 120 s
  EXPECT_EQ(t.refusal(), 100s);
  EXPECT_EQ(t.transitions.back().at, t.clock.now() - 20s);
}

TEST(CircuitBreaker, ABreakThatStartedAtADeadlineMayBeOverWhenItIsNoticed) {
  auto options = trips_after(1);
  options.probe_timeout = 10s;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(60s);
  auto lost = t.must_acquire();
  t.clock.advance(10s + 120s);
  auto next = t.must_acquire();
  EXPECT_TRUE(t.is_half_open());
  EXPECT_EQ(t.breaker.snapshot().trips, 2u);
}

TEST(CircuitBreaker, ALateReportOfATimedOutProbeIsStaleEvenWhileStillHalfOpen) {
  auto options = trips_after(1, 1);
  options.permitted_probes = 2;
  options.probe_timeout = 10s;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(60s);
  auto late = t.must_acquire();
  t.clock.advance(10s);
  late.succeed();
  EXPECT_TRUE(t.is_half_open());
  EXPECT_EQ(t.breaker.snapshot().stale, 1u);
  EXPECT_TRUE(t.succeed());
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, TheProbeTimeoutIsTheBreakTimeoutUnlessGiven) {
  TestBreaker t(trips_after(1));
  t.fail();
  t.clock.advance(60s);
  auto probe = t.must_acquire();
  t.clock.advance(60s - 1ns);
  EXPECT_TRUE(t.is_half_open());
  t.clock.advance(1ns);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, WithoutAnyTimeoutABreakIsOverAtOnceAndProbesNeverExpire) {
  auto options = trips_after(1);
  options.timeout = 0s;
  TestBreaker t(options);
  t.fail();
  EXPECT_TRUE(t.is_open());
  auto probe = t.must_acquire();
  auto refused = t.acquire();
  EXPECT_THAT(refused, FailsWith(ErrorKind::circuit_open));
  EXPECT_EQ(refused.error().retry_after, 0s);
  t.clock.advance(24h);
  EXPECT_TRUE(t.is_half_open());
  probe.succeed();
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, LateSuccessFromBeforeTheTripDoesNotClose) {
  TestBreaker t(trips_after(1));
  auto late = t.must_acquire();
  t.fail();
  late.succeed();
  EXPECT_TRUE(t.is_open());
  EXPECT_EQ(t.breaker.snapshot().stale, 1u);
  EXPECT_EQ(t.breaker.snapshot().successes, 0u);
}

TEST(CircuitBreaker, LateSuccessFromBeforeTheTripIsNoProbeSuccess) {
  TestBreaker t(trips_after(1));
  auto late = t.must_acquire();
  t.fail();
  t.clock.advance(60s);
  auto probe = t.must_acquire();
  late.succeed();
  EXPECT_TRUE(t.is_half_open());
}

TEST(CircuitBreaker, LateFailureDoesNotReopenOrMoveTheDeadline) {
  TestBreaker t(trips_after(1));
  auto late = t.must_acquire();
  auto later = t.must_acquire();
  t.fail();
  t.clock.advance(10s);
  late.fail(error(ErrorKind::unavailable, 5min));
  EXPECT_EQ(t.refusal(), 50s);
  t.clock.advance(50s);
  t.succeed();
  EXPECT_TRUE(t.is_closed());
  later.fail(error(ErrorKind::unavailable));
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, LateIgnoreDoesNotMintAPlace) {
  TestBreaker t(trips_after(1));
  auto late = t.must_acquire();
  t.fail();
  t.clock.advance(60s);
  auto probe = t.must_acquire();
  late.ignore();
  EXPECT_THAT(t.acquire(), FailsWith(ErrorKind::circuit_open));
  EXPECT_EQ(t.breaker.snapshot().stale, 1u);
}

TEST(CircuitBreaker, AProbeOfAnEarlierHalfOpenStateIsStaleInALaterOne) {
  TestBreaker t(trips_after(1, 2));
  t.fail();
  t.clock.advance(60s);
  auto earlier = t.must_acquire();
  t.fail();
  t.clock.advance(120s);
  auto later = t.must_acquire();
  earlier.succeed();
  later.succeed();
  EXPECT_TRUE(t.is_half_open());
}

}  // namespace
}  // namespace reelmill::testing
