// SPDX-License-Identifier: Apache-2.0
// Refusals that only a person can mend.
#include "resilience/guard.h"
#include "tests/resilience/guard_fixture.h"

namespace reelmill::testing {
namespace {

struct RefusedGuard : TestGuard {
  RefusedGuard() : TestGuard({.retry = fixed_delay(), .breaker = trips_after(5)}) {}
  void refuse(std::string_view item, ErrorKind kind = ErrorKind::denied) {
    attempt(error(kind), item).has_value();
  }
  void hold() {
    refuse("a");
    refuse("b", ErrorKind::exhausted);
    refuse("c");
  }
};

TEST(NeedsOperator, AfterThreeRefusalsInARowOnDifferentItems) {
  RefusedGuard t;
  t.refuse("a");
  t.refuse("b");
  EXPECT_EQ(t.guard->state(), GuardState::closed);
  t.refuse("c");
  EXPECT_EQ(t.guard->state(), GuardState::needs_operator);
  EXPECT_EQ(t.guard->snapshot().message, "denied: test");
  ASSERT_EQ(t.events.size(), 1u);
  EXPECT_EQ(t.events[0],
            "closed -> needs_operator: refused 3 times in a row, last with denied: test");
}

TEST(NeedsOperator, NotWhenOneItemIsRefusedAgainAndAgain) {
  RefusedGuard t;
  for (int i = 0; i < 10; ++i) t.refuse("a");
  t.refuse("b");
  EXPECT_EQ(t.guard->state(), GuardState::closed);
  t.refuse("c");
  EXPECT_EQ(t.guard->state(), GuardState::needs_operator);
}

TEST(NeedsOperator, CallsWithoutAnItemAreItemsOfTheirOwn) {
  RefusedGuard t;
  for (int i = 0; i < 3; ++i) t.refuse("");
  EXPECT_EQ(t.guard->state(), GuardState::needs_operator);
}

TEST(NeedsOperator, AnAnswerOrAFailureBreaksTheRow) {
  for (const auto kind : {ErrorKind::invalid_input, ErrorKind::unavailable}) {
    RefusedGuard t;
    t.refuse("a");
    t.refuse("b");
    t.attempt(error(kind)).has_value();
    t.refuse("c");
    EXPECT_EQ(t.guard->state(), GuardState::closed);
  }
  RefusedGuard t;
  t.refuse("a");
  t.refuse("b");
  t.attempt({}).has_value();
  t.refuse("c");
  EXPECT_EQ(t.guard->state(), GuardState::closed);
}

TEST(NeedsOperator, OwnRefusalsDoNotBreakTheRow) {
  RefusedGuard t;
  t.refuse("a");
  t.attempt(error(ErrorKind::cancelled)).has_value();
  t.refuse("b");
  t.refuse("c");
  EXPECT_EQ(t.guard->state(), GuardState::needs_operator);
}

TEST(NeedsOperator, RefusesEverythingUntilAProbeEveryLongestBreak) {
  RefusedGuard t;
  t.hold();
  const auto refused = t.attempt({});
  EXPECT_THAT(refused, FailsWith(ErrorKind::circuit_open, "store: needs operator"));
  EXPECT_EQ(refused.error().retry_after, 10min);
  EXPECT_EQ(t.guard->paused_until(), t.clock.now() + 10min);
  t.clock.advance(10min);
  EXPECT_LE(t.guard->paused_until(), t.clock.now());
  t.refuse("d");  // the probe
  EXPECT_THAT(t.attempt({}), FailsWith(ErrorKind::circuit_open));
  EXPECT_EQ(t.guard->paused_until(), t.clock.now() + 10min);
  EXPECT_EQ(t.calls, 4);
}

TEST(NeedsOperator, OnlyOneProbeIsLetThroughAtATime) {
  RefusedGuard t;
  t.hold();
  t.clock.advance(10min);
  t.guard
      ->attempt({},
                [&](const CallContext&) -> Result<int> {
                  EXPECT_THAT(t.attempt({}), FailsWith(ErrorKind::circuit_open));
                  return 1;
                })
      .has_value();
  EXPECT_EQ(t.guard->state(), GuardState::closed);
}

TEST(NeedsOperator, AnAnsweredProbeEndsIt) {
  RefusedGuard t;
  t.hold();
  t.clock.advance(10min);
  EXPECT_THAT(t.attempt({}), IsOk());
  EXPECT_EQ(t.guard->state(), GuardState::closed);
  EXPECT_EQ(t.guard->snapshot().message, "");
  EXPECT_EQ(t.guard->snapshot().paused, 10min);
  EXPECT_EQ(t.events.back(), "needs_operator -> closed: the service answered");
  EXPECT_THAT(t.attempt({}), IsOk());
}

TEST(NeedsOperator, AProbeThatFailsForAnotherReasonLeavesItAsItIs) {
  RefusedGuard t;
  t.hold();
  t.clock.advance(10min);
  t.attempt(error(ErrorKind::unavailable)).has_value();
  EXPECT_EQ(t.guard->state(), GuardState::needs_operator);
  EXPECT_THAT(t.attempt({}), FailsWith(ErrorKind::circuit_open));
}

TEST(NeedsOperator, ACancelledProbeMayBeMadeAgain) {
  RefusedGuard t;
  t.hold();
  t.clock.advance(10min);
  t.attempt(error(ErrorKind::cancelled)).has_value();
  EXPECT_THAT(t.attempt({}), IsOk());
}

TEST(NeedsOperator, TheOperatorEndsIt) {
  RefusedGuard t;
  t.hold();
  t.guard->resume();
  EXPECT_EQ(t.guard->state(), GuardState::closed);
  EXPECT_EQ(t.events.back(), "needs_operator -> closed: resumed by the operator");
  EXPECT_THAT(t.attempt({}), IsOk());
}

TEST(NeedsOperator, RefusalsAreNotRetriedAndCountNothingAtTheBreaker) {
  RefusedGuard t;
  EXPECT_THAT(t.call({error(ErrorKind::denied)}), FailsWith(ErrorKind::denied));
  EXPECT_EQ(t.calls, 1);
  EXPECT_EQ(t.guard->breaker()->snapshot().ignored, 1u);
  EXPECT_EQ(t.guard->snapshot().budget_left, 500);
}

}  // namespace
}  // namespace reelmill::testing
