// SPDX-License-Identifier: Apache-2.0
#include "resilience/circuit_breaker.h"

#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

CircuitBreakerOptions consecutive(int failures, int successes = 1) {
  auto options = quiet_options();
  options.failure_threshold = failures;
  options.success_threshold = successes;
  return options;
}

TEST(CircuitBreaker, BeginsClosedAndAdmits) {
  TestBreaker t({});
  EXPECT_TRUE(t.is_closed());
  EXPECT_THAT(t.acquire(), IsOk());
}

TEST(CircuitBreaker, TripsOnTheLastOfSoManyConsecutiveFailures) {
  TestBreaker t(consecutive(5));
  t.fail_times(4);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, OneConsecutiveFailureTripsWhereTheThresholdIsOne) {
  TestBreaker t(consecutive(1));
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, NoNumberOfConsecutiveFailuresTripsWhereTheThresholdIsZero) {
  TestBreaker t(consecutive(0));
  t.fail_times(1000);
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, ASuccessEndsARowOfFailures) {
  TestBreaker t(consecutive(3));
  t.fail_times(2);
  t.succeed();
  t.fail_times(2);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, AnIgnoredCallDoesNotEndARowOfFailures) {
  TestBreaker t(consecutive(3));
  t.fail_times(2);
  t.must_acquire().ignore();
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, RefusesWithTheTimeLeftWhileOpen) {
  TestBreaker t(consecutive(1));
  t.fail();
  t.clock.advance(20s);
  auto refused = t.acquire();
  EXPECT_THAT(refused, FailsWith(ErrorKind::circuit_open, "open"));
  EXPECT_EQ(refused.error().retry_after, 40s);
  EXPECT_FALSE(refused.error().was_sent);
}

TEST(CircuitBreaker, StaysOpenUntilTheNextAcquireAfterTheBreak) {
  TestBreaker t(consecutive(1));
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
  TestBreaker t(consecutive(1, 3));
  t.fail();
  t.clock.advance(60s);
  t.succeed_times(2);
  EXPECT_TRUE(t.is_half_open());
  t.succeed_times(1);
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, ReopensOnTheFirstProbeFailureWhenEveryProbeMustSucceed) {
  TestBreaker t(consecutive(1, 3));
  t.fail();
  t.clock.advance(60s);
  t.succeed_times(2);
  t.fail();
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, ReopensAsSoonAsTooFewProbesAreLeftToClose) {
  auto options = consecutive(1, 2);
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
  auto options = consecutive(1, 2);
  options.permitted_probes = 5;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(60s);
  t.fail_times(3);
  t.succeed_times(2);
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, AdmitsAsManyProbesAsAreNeededToClose) {
  TestBreaker t(consecutive(1, 3));
  t.fail();
  t.clock.advance(60s);
  std::vector<Permit> probes;
  for (int i = 0; i < 3; ++i) probes.push_back(t.must_acquire());
  EXPECT_THAT(t.acquire(), FailsWith(ErrorKind::circuit_open));
}

TEST(CircuitBreaker, DecidedProbesKeepTheirPlaces) {
  auto options = consecutive(1, 2);
  options.permitted_probes = 3;
  TestBreaker t(options);
  t.fail();
  t.clock.advance(60s);
  t.succeed();
  t.fail();
  auto last = t.must_acquire();
  EXPECT_THAT(t.acquire(), FailsWith(ErrorKind::circuit_open));
}

TEST(CircuitBreaker, AFullHalfOpenStateRefusesUntilTheEarliestProbeTimeout) {
  auto options = consecutive(1, 2);
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
  TestBreaker t(consecutive(1));
  t.fail();
  t.clock.advance(60s);
  t.must_acquire().ignore();
  EXPECT_TRUE(t.is_half_open());
  EXPECT_TRUE(t.succeed());
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, APermitDestroyedUnansweredReturnsItsPlace) {
  TestBreaker t(consecutive(1));
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
  TestBreaker t(consecutive(1));
  auto permit = t.must_acquire();
  Permit moved = std::move(permit);
  moved.succeed();
  moved.fail(error(ErrorKind::unavailable));
  EXPECT_TRUE(t.is_closed());
  EXPECT_EQ(t.breaker.snapshot().successes, 1u);
}

TEST(CircuitBreaker, APermitAssignedToGivesItsOldPlaceBack) {
  TestBreaker t(consecutive(1, 2));
  t.fail();
  t.clock.advance(60s);
  auto first = t.must_acquire();
  first = t.must_acquire();
  EXPECT_EQ(t.breaker.snapshot().ignored, 1u);
  EXPECT_THAT(t.acquire(), IsOk());
}

TEST(CircuitBreaker, AnUnreportedProbeCountsAsFailedAfterTheProbeTimeout) {
  auto options = consecutive(1);
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
  auto options = consecutive(1);
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
  auto options = consecutive(1);
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
  auto options = consecutive(1, 1);
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
  TestBreaker t(consecutive(1));
  t.fail();
  t.clock.advance(60s);
  auto probe = t.must_acquire();
  t.clock.advance(60s - 1ns);
  EXPECT_TRUE(t.is_half_open());
  t.clock.advance(1ns);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, WithoutAnyTimeoutABreakIsOverAtOnceAndProbesNeverExpire) {
  auto options = consecutive(1);
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
  TestBreaker t(consecutive(1));
  auto late = t.must_acquire();
  t.fail();
  late.succeed();
  EXPECT_TRUE(t.is_open());
  EXPECT_EQ(t.breaker.snapshot().stale, 1u);
  EXPECT_EQ(t.breaker.snapshot().successes, 0u);
}

TEST(CircuitBreaker, LateSuccessFromBeforeTheTripIsNoProbeSuccess) {
  TestBreaker t(consecutive(1));
  auto late = t.must_acquire();
  t.fail();
  t.clock.advance(60s);
  auto probe = t.must_acquire();
  late.succeed();
  EXPECT_TRUE(t.is_half_open());
}

TEST(CircuitBreaker, LateFailureDoesNotReopenOrMoveTheDeadline) {
  TestBreaker t(consecutive(1));
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
  TestBreaker t(consecutive(1));
  auto late = t.must_acquire();
  t.fail();
  t.clock.advance(60s);
  auto probe = t.must_acquire();
  late.ignore();
  EXPECT_THAT(t.acquire(), FailsWith(ErrorKind::circuit_open));
  EXPECT_EQ(t.breaker.snapshot().stale, 1u);
}

TEST(CircuitBreaker, AProbeOfAnEarlierHalfOpenStateIsStaleInALaterOne) {
  TestBreaker t(consecutive(1, 2));
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

TEST(CircuitBreaker, EveryTransitionClearsTheWindow) {
  auto options = consecutive(0);
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
  TestBreaker t(consecutive(3));
  t.fail_times(3);
  t.clock.advance(60s);
  t.succeed();
  t.fail_times(2);
  EXPECT_TRUE(t.is_closed());
}

// -- judgement by kind of error ---------------------------------------------------------------

struct KindCase {
  ErrorKind kind;
  const char* counts_as;
};

class CircuitBreakerKinds : public ::testing::TestWithParam<KindCase> {};

TEST_P(CircuitBreakerKinds, AreJudgedAsTheTableSays) {
  TestBreaker t(consecutive(0));
  t.fail(GetParam().kind);
  const auto s = t.breaker.snapshot();
  const std::string counted = s.successes ? "success" : s.failures ? "failure" : "neither";
  EXPECT_EQ(counted, GetParam().counts_as);
  EXPECT_EQ(s.successes + s.failures + s.ignored, 1u);
}

TEST_P(CircuitBreakerKinds, FiveInARowTripOnlyWhereTheServiceFailedForGood) {
  TestBreaker t(consecutive(5));
  t.fail_times(0);
  for (int i = 0; i < 5; ++i) t.fail(GetParam().kind);
  const bool trips =
      std::string(GetParam().counts_as) == "failure" && GetParam().kind != ErrorKind::throttled;
  EXPECT_EQ(t.is_open(), trips);
}

INSTANTIATE_TEST_SUITE_P(
    All, CircuitBreakerKinds,
    ::testing::Values(
        KindCase{ErrorKind::unavailable, "failure"}, KindCase{ErrorKind::timeout, "failure"},
        KindCase{ErrorKind::throttled, "failure"}, KindCase{ErrorKind::internal, "failure"},
        KindCase{ErrorKind::invalid_input, "success"}, KindCase{ErrorKind::not_found, "success"},
        KindCase{ErrorKind::denied, "neither"}, KindCase{ErrorKind::exhausted, "neither"},
        KindCase{ErrorKind::cancelled, "neither"}, KindCase{ErrorKind::rejected, "neither"},
        KindCase{ErrorKind::circuit_open, "neither"}),
    [](const auto& kind_case) { return std::string(to_string(kind_case.param.kind)); });

TEST(CircuitBreaker, AnswersAboutBadInputEndARowOfFailures) {
  TestBreaker t(consecutive(3));
  t.fail_times(2);
  t.fail(ErrorKind::not_found);
  t.fail_times(2);
  EXPECT_TRUE(t.is_closed());
}

TEST(CircuitBreaker, ThrottlingNeitherLengthensNorEndsARowOfFailures) {
  TestBreaker t(consecutive(3));
  t.fail_times(2);
  t.fail(ErrorKind::throttled);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, ThrottlingCountsInTheRate) {
  auto options = consecutive(0);
  options.failure_rate_threshold = 0.5;
  options.minimum_calls = 10;
  TestBreaker t(options);
  for (int i = 0; i < 10; ++i) t.fail(ErrorKind::throttled);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, AThrottledProbeFails) {
  TestBreaker t(consecutive(1));
  t.fail();
  t.clock.advance(60s);
  t.fail(ErrorKind::throttled);
  EXPECT_TRUE(t.is_open());
}

TEST(CircuitBreaker, ADeniedProbeReturnsItsPlace) {
  TestBreaker t(consecutive(1));
  t.fail();
  t.clock.advance(60s);
  t.fail(ErrorKind::denied);
  EXPECT_TRUE(t.is_half_open());
  EXPECT_TRUE(t.succeed());
  EXPECT_TRUE(t.is_closed());
}

// -- totals ------------------------------------------------------------------------------------

TEST(CircuitBreaker, TotalsCountSinceCreationOverAllGenerations) {
  TestBreaker t(consecutive(2));
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
  auto options = consecutive(2);
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
  TestBreaker t(consecutive(1));
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
