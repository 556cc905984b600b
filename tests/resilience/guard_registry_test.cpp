// SPDX-License-Identifier: Apache-2.0
#include "resilience/guard_registry.h"

#include <thread>

#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

using ::testing::ElementsAre;

class RegistryOfGuards : public ::testing::Test {
 protected:
  Guard& guard(const std::string& name) {
    return *guards_.get_or_create(name, {.breaker = trips_after(1)}).value();
  }
  static void answer(Guard& guard, std::optional<ErrorKind> kind, std::string_view item = {}) {
    guard
        .attempt(
            {.item = item},
            [&](const CallContext&) -> Status { return kind ? fail(*kind, "test") : Status{}; })
        .has_value();
  }

  ManualClock clock_;
  GuardRegistry guards_{clock_};
};

TEST_F(RegistryOfGuards, ShowsSnapshotsInTheOrderOfNames) {
  guard("b");
  guard("c");
  answer(guard("a"), ErrorKind::unavailable);
  std::vector<std::string> seen;
  for (const auto& snapshot : guards_.snapshot())
    seen.push_back(snapshot.name + " " + std::string(to_string(snapshot.state)));
  EXPECT_THAT(seen, ElementsAre("a open", "b closed", "c closed"));
}

TEST_F(RegistryOfGuards, ResetClosesOpenBreakersAndEndsHoldsOfThoseThatMatch) {
  answer(guard("s3-a"), ErrorKind::unavailable);
  for (const auto* item : {"1", "2", "3"}) answer(guard("s3-b"), ErrorKind::denied, item);
  answer(guard("http"), ErrorKind::unavailable);
  EXPECT_EQ(guards_.reset("s3-*"), 2);
  EXPECT_EQ(guard("s3-a").state(), GuardState::closed);
  EXPECT_EQ(guard("s3-b").state(), GuardState::closed);
  EXPECT_EQ(guard("http").state(), GuardState::open);
  EXPECT_EQ(guard("s3-a").snapshot().failures, 1u) << "totals stay";
}

TEST_F(RegistryOfGuards, SetModeCountsGuardsWithoutABreakerThoughNothingChangesThere) {
  guards_.get_or_create("plain", {}).value();
  guard("other");
  EXPECT_EQ(guards_.set_mode("*", CircuitMode::forced_open), 2);
  EXPECT_EQ(guards_.find("plain")->state(), GuardState::closed);
  EXPECT_EQ(guards_.find("other")->state(), GuardState::open);
}

TEST_F(RegistryOfGuards, ForcedOpenIsLeftThroughHalfOpen) {
  guards_.get_or_create("a", {.breaker = trips_after(1)}).value();
  guards_.set_mode("a", CircuitMode::forced_open);
  clock_.advance(24h);
  EXPECT_EQ(guards_.find("a")->state(), GuardState::open) << "time does not end it";
  guards_.set_mode("a", CircuitMode::automatic);
  EXPECT_EQ(guards_.find("a")->state(), GuardState::half_open);
}

TEST_F(RegistryOfGuards, TellsEventsInTheOrderInWhichTheyHappened) {
  std::vector<std::string> events;
  guards_.on_event(
      [&](const GuardEvent& event) { events.push_back(event.guard + " " + event.text()); });
  answer(guard("a"), ErrorKind::unavailable);
  answer(guard("b"), ErrorKind::unavailable);
  clock_.advance(60s);
  answer(guard("a"), {});
  EXPECT_EQ(events.size(), 4u);
  EXPECT_THAT(events[0], ::testing::StartsWith("a closed -> open"));
  EXPECT_THAT(events[1], ::testing::StartsWith("b closed -> open"));
  EXPECT_THAT(events[2], ::testing::StartsWith("a open -> half_open"));
  EXPECT_THAT(events[3], ::testing::StartsWith("a half_open -> closed"));
}

TEST_F(RegistryOfGuards, AListenerThatThrowsOrCallsBackBreaksNothing) {
  int told = 0;
  guards_.on_event([](const GuardEvent&) { throw std::runtime_error("a listener's fault"); });
  guards_.on_event([&](const GuardEvent& event) {
    ++told;
    EXPECT_EQ(guards_.snapshot().size(), 1u);
    if (event.to == GuardState::open) guards_.reset("*");
  });
  answer(guard("a"), ErrorKind::unavailable);
  EXPECT_EQ(guard("a").state(), GuardState::closed);
  EXPECT_EQ(told, 2);
}

TEST_F(RegistryOfGuards, TellsOfHoldsToo) {
  std::vector<std::string> events;
  guards_.on_event([&](const GuardEvent& event) { events.push_back(event.text()); });
  for (const auto* item : {"1", "2", "3"}) answer(guard("a"), ErrorKind::exhausted, item);
  guards_.reset("a");
  EXPECT_THAT(events, ElementsAre("closed -> needs_operator: refused 3 times in a row, last with "
                                  "exhausted: test",
                                  "needs_operator -> closed: resumed by the operator"));
}

TEST_F(RegistryOfGuards, GivesOneGuardToManyThreadsThatAskAtOnce) {
  std::vector<std::shared_ptr<Guard>> made(16);
  {
    std::vector<std::jthread> threads;
    for (auto& slot : made)
      threads.emplace_back([&] { slot = guards_.get_or_create("one", {}).value(); });
  }
  for (const auto& each : made) EXPECT_EQ(each, made.front());
}

TEST(GuardRegistry, GivesTheSameGuardForTheSameName) {
  GuardRegistry registry;
  const auto first = registry.get_or_create("store", {});
  const auto second = registry.get_or_create("store", {});
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(registry.find("store"), *first);
  EXPECT_EQ(registry.find("other"), nullptr);
}

TEST(GuardRegistry, RefusesOptionsThatDifferFromThoseOfTheGuardThatExists) {
  GuardRegistry registry;
  ASSERT_THAT(registry.get_or_create("store", {}), IsOk());
  EXPECT_THAT(registry.get_or_create("store", {.attempt_timeout = 1s}),
              FailsWith(ErrorKind::invalid_input, "guard store: exists already"));
}

TEST(GuardRegistry, RefusesOptionsOutsideTheirRange) {
  GuardRegistry registry;
  EXPECT_THAT(registry.get_or_create("store", {.attempt_timeout = -1s}),
              FailsWith(ErrorKind::invalid_input, "attempt_timeout"));
  EXPECT_TRUE(registry.snapshot().empty());
}

TEST(GuardRegistry, SetsModesAndResetsByGlob) {
  ManualClock clock;
  GuardRegistry registry(clock);
  for (const char* name : {"s3-eu", "s3-us", "http"}) {
    ASSERT_THAT(registry.get_or_create(name, {.breaker = trips_after(1)}), IsOk());
  }
  EXPECT_EQ(registry.set_mode("s3-*", CircuitMode::forced_open), 2);
  EXPECT_EQ(registry.find("s3-eu")->state(), GuardState::open);
  EXPECT_EQ(registry.find("http")->state(), GuardState::closed);
  EXPECT_EQ(registry.set_mode("s3-?u", CircuitMode::automatic), 1);
  EXPECT_EQ(registry.find("s3-eu")->state(), GuardState::half_open);
  EXPECT_EQ(registry.reset("*"), 3);
  EXPECT_EQ(registry.find("s3-eu")->state(), GuardState::closed);
  EXPECT_EQ(registry.set_mode("nobody", CircuitMode::disabled), 0);
}

struct GlobCase {
  const char* glob;
  const char* name;
  bool matches;
};

class Globs : public ::testing::TestWithParam<GlobCase> {};

TEST_P(Globs, MatchAsTheTableSays) {
  GuardRegistry registry;
  ASSERT_THAT(registry.get_or_create(GetParam().name, {}), IsOk());
  EXPECT_EQ(registry.reset(GetParam().glob), GetParam().matches ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, Globs,
    ::testing::Values(GlobCase{"*", "a", true}, GlobCase{"", "a", false}, GlobCase{"a", "a", true},
                      GlobCase{"a*", "a", true}, GlobCase{"*a", "ba", true},
                      GlobCase{"a?", "a", false}, GlobCase{"?", "a", true},
                      GlobCase{"*b*c", "abcbc", true}, GlobCase{"*b*d", "abcbc", false},
                      GlobCase{"a**b", "ab", true}, GlobCase{"ab", "abc", false}));

TEST(GuardRegistry, TellsTheEventsOfAllGuardsThoseMadeLaterToo) {
  ManualClock clock;
  GuardRegistry registry(clock);
  std::vector<std::string> events;
  registry.on_event(
      [&](const GuardEvent& event) { events.push_back(event.guard + ": " + event.text()); });
  ASSERT_THAT(registry.get_or_create("a", {.breaker = trips_after(1)}), IsOk());
  registry.set_mode("a", CircuitMode::forced_open);
  EXPECT_EQ(events, std::vector<std::string>{"a: closed -> open: mode forced_open"});
  EXPECT_EQ(registry.snapshot().size(), 1u);
}

TEST(GuardRegistry, AGuardMayOutliveIt) {
  ManualClock clock;
  std::shared_ptr<Guard> guard;
  {
    GuardRegistry registry(clock);
    guard = registry.get_or_create("a", {.breaker = trips_after(1)}).value();
  }
  guard->set_mode(CircuitMode::forced_open);
  EXPECT_EQ(guard->state(), GuardState::open);
}

}  // namespace
}  // namespace reelmill::testing
