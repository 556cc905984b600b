// SPDX-License-Identifier: Apache-2.0
#include "pipeline/guard_report.h"

#include <gmock/gmock.h>

#include "base/manual_clock.h"
#include "pipeline/report.h"
#include "pipeline/report_schema.h"
#include "tests/support/json_schema.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

/// A guard with every part, on a manual clock, driven as a lane drives it.
class GuardStory : public ::testing::Test {
 protected:
  GuardStory() {
    options_.retry = {.strategy = RetryStrategy::fixed, .max_attempts = 3, .base_delay = 1s};
    options_.budget = {.capacity = 30};
    options_.breaker = {.failure_threshold = 2,
                        .success_threshold = 1,
                        .timeout = 10s,
                        .max_timeout = 10s,
                        .timeout_jitter = 0};
    options_.rate = {.per_second = 100, .burst = 100};
    options_.concurrency = {.initial = 3};
  }

  Guard& guard() {
    if (!guard_) {
      guard_ = Guard::make("store", options_, clock_).value();
      guard_->on_event([this](const GuardEvent& event) { events_.push_back(event.text()); });
    }
    return *guard_;
  }
  /// One item whose attempts end with these errors and then succeed.
  void deliver(std::string_view item, std::vector<ErrorKind> errors = {}) {
    auto session = guard().begin(Idempotency::idempotent);
    for (std::size_t n = 0;;) {
      const auto sent = guard().attempt({.item = item}, [&](const CallContext&) -> Status {
        return n < errors.size() ? fail(errors[n++], "PUT {}", item) : Status{};
      });
      if (sent) return session.succeeded();
      const auto delay = session.next_delay(sent.error());
      if (!delay) return;
      clock_.advance(*delay);
    }
  }
  GuardReport report() {
    auto report = guard_report(guard().snapshot(), began_);
    report.events = events_;
    return report;
  }

  ManualClock clock_;
  const Clock::time_point began_ = clock_.now();
  GuardOptions options_;
  std::shared_ptr<Guard> guard_;
  std::vector<std::string> events_;
};

TEST_F(GuardStory, AQuietGuardIsOneLine) {
  deliver("a");
  deliver("b");
  EXPECT_EQ(summary(report()), "store: closed; 2 calls, 0 failed");
  EXPECT_THAT(story(report()), IsEmpty());
}

TEST_F(GuardStory, TellsOfAnOutageInTheOrderOfQuestions) {
  deliver("a", {ErrorKind::unavailable, ErrorKind::timeout});
  deliver("b", {ErrorKind::throttled});
  EXPECT_EQ(summary(report()),
            "store: closed; 5 calls, 3 failed (1 unavailable, 1 timeout, 1 throttled), opened "
            "once, paused 10.0 s");
  EXPECT_THAT(story(report()),
              ElementsAre("closed -> open: 2 consecutive failures · open -> half_open: break "
                          "is over · half_open -> closed: probes succeeded",
                          "retried 3 times (1 unavailable, 1 timeout, 1 throttled); succeeded: 1 "
                          "at attempt 2, 1 at 3; budget: 33 spent, 19 returned, 16 of 30 left"));
}

TEST_F(GuardStory, SaysWhatAnEmptyBudgetRefused) {
  options_.breaker.reset();
  deliver("a", {3, ErrorKind::unavailable});
  deliver("b", {3, ErrorKind::unavailable});
  EXPECT_THAT(story(report()),
              ElementsAre("retried twice (2 unavailable); gave up: 1 attempts, 1 budget; budget: "
                          "28 spent, 0 returned, 2 of 30 left, 1 refused"));
}

TEST_F(GuardStory, BeginsWithWhatTheOperatorShouldMend) {
  for (const auto* item : {"a", "b", "c"}) deliver(item, {ErrorKind::denied});
  const auto told = report();
  EXPECT_EQ(told.state, "needs_operator");
  ASSERT_FALSE(story(told).empty());
  EXPECT_EQ(story(told).front(), "needs an operator: denied: PUT c; mend it, then run again");
  EXPECT_THAT(told.give_ups, ElementsAre(Pair("not_retryable", 3)));
}

TEST_F(GuardStory, CountsEveryRefusalWithThePartThatMadeIt) {
  options_.rate = {.per_second = 0.001, .burst = 2};
  std::vector<Slot> held;
  deliver("a", {ErrorKind::unavailable});  // a retry beyond the burst waits for the rate
  EXPECT_THAT(report().refused_by, IsEmpty());
  deliver("b");
  EXPECT_THAT(report().refused_by, ElementsAre(Pair("rate", 1)));
  EXPECT_EQ(report().rate->refused, 1u);
  EXPECT_EQ(report().deferrals, 1u);
}

TEST_F(GuardStory, GoesIntoTheReportWholeAndComesBackWhole) {
  deliver("a", {ErrorKind::unavailable, ErrorKind::timeout});
  clock_.advance(2min);
  deliver("b", {ErrorKind::throttled});
  const auto json = to_json(report());
  EXPECT_EQ(to_json(guard_report_from_json(nlohmann::ordered_json::parse(json.dump()))), json);
  RunReport whole;
  whole.guards = {report()};
  EXPECT_THAT(test::schema_violations(report_schema(), to_json(whole)), IsEmpty());
  EXPECT_EQ(json["failures_by_kind"],
            (nlohmann::ordered_json{{"unavailable", 1}, {"timeout", 1}, {"throttled", 1}}));
  EXPECT_EQ(json["successes_after"], (nlohmann::ordered_json{0, 1, 1}));
  EXPECT_EQ(json["budget"]["spent"], 33);
  EXPECT_EQ(json["budget"]["refunded"], 19);
  EXPECT_EQ(json["breaker"]["trips"], 1);
  EXPECT_EQ(json["breaker"]["mode"], "automatic");
  EXPECT_EQ(json["rate"]["per_second"], 100);
  EXPECT_EQ(json["concurrency"]["limit"], 3);
  EXPECT_EQ(json["concurrency"]["in_flight"], 0);
  EXPECT_EQ(json["history"].size(), 2u);
  EXPECT_EQ(json["paused_s"], 10);
}

TEST_F(GuardStory, PartsThatAreNotThereAreNotInTheReport) {
  options_ = {};
  deliver("a");
  const auto json = to_json(report());
  for (const auto* part : {"breaker", "rate", "concurrency"}) EXPECT_FALSE(json.contains(part));
}

TEST(ReportOfSeveralGuards, TellsTheStoryOfTheMostTroubled) {
  RunReport report;
  report.guards = {{.name = "calm", .state = "closed", .calls = 5},
                   {.name = "store",
                    .state = "open",
                    .calls = 9,
                    .failures = 7,
                    .openings = 2,
                    .paused_s = 61,
                    .events = {"1.0 s: closed -> open: 5 consecutive failures"}},
                   {.name = "model", .state = "closed", .failures = 1, .events = {"2.0 s: x"}}};
  const auto text = to_text(report);
  EXPECT_THAT(text, HasSubstr("Guard calm: closed; 5 calls, 0 failed\nGuard store: open; 9 calls, "
                              "7 failed, opened twice, paused 1m 01s\n  1.0 s: closed -> open: 5 "
                              "consecutive failures\nGuard model: "));
  EXPECT_THAT(text, Not(HasSubstr("2.0 s: x")));
}

}  // namespace
}  // namespace reelmill
