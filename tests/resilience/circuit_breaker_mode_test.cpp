// SPDX-License-Identifier: Apache-2.0
// Modes set by an operator, reset, and what listeners hear.
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

TEST(ForcedOpen, ReportsOpenAndRefusesWithoutRetryAfter) {
  TestBreaker t(trips_after(2, 2));
  t.breaker.set_mode(CircuitMode::forced_open);
  EXPECT_TRUE(t.is_open());
  EXPECT_EQ(t.breaker.mode(), CircuitMode::forced_open);
  auto refused = t.acquire();
  EXPECT_THAT(refused, FailsWith(ErrorKind::circuit_open));
  EXPECT_EQ(refused.error().retry_after, 0s);
  EXPECT_EQ(t.breaker.snapshot().refused, 1u);
}

TEST(ForcedOpen, NoTimeEndsIt) {
  TestBreaker t(trips_after(2, 2));
  t.breaker.set_mode(CircuitMode::forced_open);
  t.clock.advance(24h * 365);
  EXPECT_THAT(t.acquire(), FailsWith(ErrorKind::circuit_open));
  EXPECT_TRUE(t.is_open());
}

TEST(ForcedOpen, IsLeftThroughHalfOpen) {
  TestBreaker t(trips_after(2, 2));
  t.breaker.set_mode(CircuitMode::forced_open);
  t.breaker.set_mode(CircuitMode::automatic);
  EXPECT_TRUE(t.is_half_open());
  t.succeed_times(2);
  EXPECT_TRUE(t.is_closed());
}

TEST(ForcedOpen, AFailedProbeAfterItOpensForTheFirstBreak) {
  TestBreaker t(trips_after(2, 2));
  t.breaker.set_mode(CircuitMode::forced_open);
  t.clock.advance(1h);
  t.breaker.set_mode(CircuitMode::automatic);
  t.fail();
  EXPECT_EQ(t.refusal(), 60s);
}

TEST(ForcedOpen, TheOtherModesBeginClosedAfterIt) {
  for (const auto mode : {CircuitMode::disabled, CircuitMode::metrics_only}) {
    TestBreaker t(trips_after(2, 2));
    t.breaker.set_mode(CircuitMode::forced_open);
    t.breaker.set_mode(mode);
    EXPECT_TRUE(t.is_closed());
    EXPECT_THAT(t.acquire(), IsOk());
  }
}

TEST(ForcedOpen, AResetDoesNotEndIt) {
  TestBreaker t(trips_after(2, 2));
  t.breaker.set_mode(CircuitMode::forced_open);
  t.breaker.reset();
  EXPECT_TRUE(t.is_open());
  EXPECT_THAT(t.acquire(), FailsWith(ErrorKind::circuit_open));
}

TEST(Disabled, AdmitsAndRecordsNothing) {
  TestBreaker t(trips_after(2, 2));
  t.breaker.set_mode(CircuitMode::disabled);
  t.fail_times(100);
  t.succeed_times(5);
  t.must_acquire().ignore();
  const auto s = t.breaker.snapshot();
  EXPECT_EQ(s.successes + s.failures + s.ignored + s.stale + s.refused, 0u);
  EXPECT_TRUE(t.is_closed());
}

TEST(Disabled, IsLeftClosed) {
  TestBreaker t(trips_after(2, 2));
  t.fail_times(2);
  t.breaker.set_mode(CircuitMode::disabled);
  EXPECT_TRUE(t.is_closed());
  t.breaker.set_mode(CircuitMode::automatic);
  EXPECT_TRUE(t.is_closed());
  t.fail_times(1);
  EXPECT_TRUE(t.is_closed());
}

TEST(MetricsOnly, StaysClosedRecordsAndNeverRefuses) {
  TestBreaker t(trips_after(2, 2));
  t.breaker.set_mode(CircuitMode::metrics_only);
  t.fail_times(50);
  t.succeed_times(1);
  EXPECT_TRUE(t.is_closed());
  EXPECT_EQ(t.breaker.snapshot().failures, 50u);
  EXPECT_EQ(t.breaker.snapshot().successes, 1u);
}

TEST(MetricsOnly, ReportsOncePerWouldBeOpening) {
  TestBreaker t(trips_after(2, 2));
  t.breaker.set_mode(CircuitMode::metrics_only);
  t.fail_times(20);
  ASSERT_EQ(t.transitions.size(), 1u);
  EXPECT_EQ(t.transitions[0].to, CircuitState::open);
  EXPECT_TRUE(t.transitions[0].is_hypothetical);
  EXPECT_EQ(t.transitions[0].reason, "would open: 2 consecutive failures");
  t.succeed_times(2);  // it would have closed again
  t.fail_times(20);
  EXPECT_EQ(t.transitions.size(), 2u);
  EXPECT_EQ(t.breaker.snapshot().trips, 2u);
}

TEST(MetricsOnly, AWouldBeOpeningLastsUntilEnoughSuccessesInARow) {
  TestBreaker t(trips_after(2, 2));
  t.breaker.set_mode(CircuitMode::metrics_only);
  t.fail_times(2);
  t.succeed_times(1);
  t.fail_times(2);
  t.succeed_times(1);
  t.fail_times(2);
  EXPECT_EQ(t.transitions.size(), 1u);
}

TEST(MetricsOnly, JudgesRatesAnewAfterAWouldBeOpening) {
  auto options = trips_after(2, 2);
  options.failure_threshold = 0;
  options.failure_rate_threshold = 0.5;
  options.minimum_calls = 4;
  TestBreaker t(options);
  t.breaker.set_mode(CircuitMode::metrics_only);
  t.fail_times(4);
  EXPECT_EQ(t.transitions.size(), 1u);
  t.succeed_times(2);
  EXPECT_EQ(t.breaker.snapshot().failure_rate, 0);
  t.fail_times(3);
  EXPECT_EQ(t.transitions.size(), 1u);
  t.fail_times(1);
  EXPECT_EQ(t.transitions.size(), 2u);
}

TEST(Modes, SettingOneStartsAGeneration) {
  TestBreaker t(trips_after(2, 2));
  auto before = t.must_acquire();
  auto also_before = t.must_acquire();
  t.breaker.set_mode(CircuitMode::metrics_only);
  before.fail(error(ErrorKind::unavailable));
  t.breaker.set_mode(CircuitMode::automatic);
  also_before.fail(error(ErrorKind::unavailable));
  EXPECT_EQ(t.breaker.snapshot().stale, 2u);
  EXPECT_EQ(t.breaker.snapshot().failures, 0u);
}

TEST(Modes, SettingTheSameModeChangesNothing) {
  TestBreaker t(trips_after(2, 2));
  auto permit = t.must_acquire();
  t.fail_times(1);
  t.breaker.set_mode(CircuitMode::automatic);
  permit.fail(error(ErrorKind::unavailable));
  EXPECT_TRUE(t.is_open());
}

TEST(Reset, ClosesAndForgetsButKeepsTotals) {
  TestBreaker t(trips_after(2, 2));
  auto late = t.must_acquire();
  t.fail_times(2);
  t.clock.advance(60s);
  t.fail();
  t.breaker.reset();
  EXPECT_TRUE(t.is_closed());
  late.succeed();
  EXPECT_EQ(t.breaker.snapshot().stale, 1u);
  EXPECT_EQ(t.breaker.snapshot().failures, 3u);
  t.fail_times(2);
  EXPECT_EQ(t.refusal(), 60s);  // the first break again
}

TEST(Listeners, HearEveryTransitionInOrderWithReasonAndTime) {
  TestBreaker t(trips_after(2, 2));
  const auto start = t.clock.now();
  t.fail_times(2);
  t.clock.advance(60s);
  t.succeed_times(2);
  ASSERT_EQ(t.transitions.size(), 3u);
  const auto expect = [&](std::size_t i, CircuitState from, CircuitState to, const char* reason,
                          Duration at) {
    EXPECT_EQ(t.transitions[i].name, "service");
    EXPECT_EQ(t.transitions[i].from, from);
    EXPECT_EQ(t.transitions[i].to, to);
    EXPECT_EQ(t.transitions[i].reason, reason);
    EXPECT_EQ(t.transitions[i].at - start, at);
    EXPECT_FALSE(t.transitions[i].is_hypothetical);
  };
  expect(0, CircuitState::closed, CircuitState::open, "2 consecutive failures", 0s);
  expect(1, CircuitState::open, CircuitState::half_open, "break is over", 60s);
  expect(2, CircuitState::half_open, CircuitState::closed, "probes succeeded", 60s);
}

TEST(Listeners, OneThatThrowsBreaksNothing) {
  TestBreaker t(trips_after(2, 2));
  int heard = 0;
  t.breaker.on_transition([](const CircuitTransition&) { throw std::runtime_error("listener"); });
  t.breaker.on_transition([&](const CircuitTransition&) { ++heard; });
  t.fail_times(2);
  EXPECT_TRUE(t.is_open());
  EXPECT_EQ(heard, 1);
}

TEST(Listeners, OneMayCallBackIntoTheBreakerAndStillHearsInOrder) {
  TestBreaker t(trips_after(2, 2));
  std::vector<CircuitState> heard;
  t.breaker.on_transition([&](const CircuitTransition& transition) {
    if (transition.to == CircuitState::open) {
      t.breaker.reset();
      EXPECT_THAT(t.breaker.acquire(), IsOk());
      t.breaker.snapshot();
    }
    heard.push_back(transition.to);
  });
  t.fail_times(2);
  EXPECT_EQ(heard, (std::vector{CircuitState::open, CircuitState::closed}));
  EXPECT_TRUE(t.is_closed());
}

TEST(Listeners, OneMayAddAnother) {
  TestBreaker t(trips_after(2, 2));
  int heard = 0;
  t.breaker.on_transition([&](const CircuitTransition&) {
    t.breaker.on_transition([&](const CircuitTransition&) { ++heard; });
  });
  t.fail_times(2);
  t.breaker.reset();
  EXPECT_EQ(heard, 1);
}

}  // namespace
}  // namespace reelmill::testing
