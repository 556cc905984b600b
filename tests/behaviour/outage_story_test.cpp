// SPDX-License-Identifier: Apache-2.0
// A service that is healthy, refuses, resets, hangs and recovers, all within one run: everything
// arrives, and the report tells what happened.
#include <atomic>

#include <gmock/gmock.h>

#include "tests/support/fault_server.h"
#include "tests/support/tool_run.h"

namespace reelmill::test {
namespace {
namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Fault = Reply::Fault;

/// Each phase lasts for so many requests: a guard that pauses makes it last longer.
struct Phase {
  int requests;
  Reply reply;
};

std::function<Reply(const ReceivedRequest&)> in_phases(std::vector<Phase> phases) {
  return [phases = std::move(phases),
          seen = std::make_shared<std::atomic<int>>(0)](const ReceivedRequest&) {
    int before = (*seen)++;
    for (const auto& phase : phases) {
      if (before < phase.requests) return phase.reply;
      before -= phase.requests;
    }
    return Reply{};
  };
}

class OutageStory : public testing::Test {
 protected:
  Command command(const std::string& guard, const std::string& limits = "drain_timeout: 30s") {
    const auto config = folder_.write("publish.yaml", R"(version: 1
name: publish
limits: { )" + limits + R"( }
guards:
  store: { )" + guard + R"( }
stages:
  - { id: frames, use: decode }
  - { id: shots, use: shots, from: frames }
  - { id: thumbs, use: thumbnails, from: [frames, shots] }
  - { id: sheet, use: sprite, from: frames, with: { every: 1s } }
  - { id: publish, use: upload, from: [shots, thumbs, sheet], guard: store, lanes: 2,
      with: { to: ")" + server_.url() + R"(/archive" } }
)");
    return tool_run({sample_clips().native()}, config, out_);
  }

  void expect_everything_arrived() {
    std::map<std::string, std::string> expected;
    for (const auto* kept : {"results", "artifacts"})
      for (auto& [name, content] : contents(out_ / kept))
        expected[std::string("archive/") + kept + "/" + name] = std::move(content);
    const auto objects = server_.objects();
    EXPECT_EQ(objects.size(), expected.size());
    for (const auto& [name, content] : expected) {
      ASSERT_TRUE(objects.contains(name)) << name;
      EXPECT_TRUE(objects.at(name) == content) << name << " differs";
    }
  }
  nlohmann::json guard() const { return report_of(out_)["guards"][0]; }

  FaultServer server_;
  TempFolder folder_;
  const fs::path out_ = folder_ / "out";
};

const std::string kPatient =
    "retry: { strategy: exponential, max_attempts: 6, base_delay: 10ms, max_delay: 50ms }, "
    "breaker: { failure_threshold: 3, success_threshold: 2, timeout: 50ms, max_timeout: 200ms, "
    "ramp_step: 20ms }, timeout: { attempt: 500ms, total: 10m }";

TEST_F(OutageStory, EveryObjectArrivesAndTheReportTellsWhatHappened) {
  server_.decide(in_phases(
      {{3, {}}, {8, {.status = 503}}, {6, {.fault = Fault::reset}}, {4, {.fault = Fault::hang}}}));
  const auto result = run(command(kPatient));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(quarantined(out_), IsEmpty());
  expect_everything_arrived();

  const auto store = guard();
  EXPECT_EQ(store["state"], "closed");
  EXPECT_GE(store["openings"], 2);
  EXPECT_GT(store["paused_s"], 0.05);
  EXPECT_EQ(store["breaker"]["trips"], store["openings"]);
  // A reset on a connection that was kept open is tried once more by the client itself.
  EXPECT_GE(store["failures_by_kind"]["unavailable"], 8 + 3) << "503 and resets";
  EXPECT_GE(store["failures_by_kind"]["timeout"], 4) << "hangs";
  EXPECT_GE(store["retries_by_kind"]["unavailable"], 1);
  EXPECT_GT(store["retries"], 0);
  EXPECT_GT(store["budget"]["spent"], 0);
  EXPECT_GT(store["budget"]["refunded"], 0);
  EXPECT_GT(store["successes_after"].size(), 1) << "some at a later attempt";
  EXPECT_EQ(store["successes"], server_.objects().size());
  EXPECT_GE(store["failures"], 8 + 3 + 4);
  EXPECT_EQ(report_of(out_)["uploads"]["pending"], 0);
  const std::vector<std::string> events = store["events"];
  EXPECT_THAT(events.front(), HasSubstr(" s: closed -> open: 3 consecutive failures"));
  EXPECT_THAT(events, Contains(HasSubstr("open -> half_open")));
  EXPECT_THAT(events.back(), HasSubstr("half_open -> closed"));

  EXPECT_THAT(result.out, AllOf(HasSubstr("Guard store: closed; "), HasSubstr(" failed ("),
                                HasSubstr("opened "), HasSubstr(", paused "), HasSubstr("retried "),
                                HasSubstr("spent")));
}

TEST_F(OutageStory, WherePatienceEndsTheNextRunDeliversTheRest) {
  server_.decide(in_phases({{3, {}}, {1'000'000, {.status = 503}}}));
  const auto down = run(command(kPatient, "drain_timeout: 1s"));
  EXPECT_EQ(down.exit_code, 5) << down.err;
  EXPECT_THAT(quarantined(out_), IsEmpty());
  EXPECT_EQ(server_.objects().size(), 3u);
  // Two probes every 200 ms, and a few before the breaks are that long.
  EXPECT_LT(static_cast<double>(server_.requests().size()), 20 + 3 * down.wall_s / 0.2)
      << "a service that is down is left alone";
  EXPECT_GT(report_of(out_)["uploads"]["pending"], 5);

  server_.usually({});
  const auto up = run(command(kPatient));
  EXPECT_EQ(up.exit_code, 0) << up.err;
  expect_everything_arrived();
  EXPECT_EQ(report_of(out_)["throughput"]["frames"], 0) << "it decoded again";
}

TEST_F(OutageStory, ItemsThatUsedUpTheirAttemptsInTheOutageArriveAfterIt) {
  // Two attempts and no breaker: every item gives up at least once before the service is back.
  server_.decide(in_phases({{60, {.status = 503}}}));
  const auto result =
      run(command("retry: { strategy: fixed, max_attempts: 2, base_delay: 1ms, max_delay: 20ms }"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_everything_arrived();
  EXPECT_GT(guard()["give_ups"]["attempts"], 5);
}

TEST_F(OutageStory, AnItemThatFailsWhileOthersAreServedIsLeftForTheNextRun) {
  server_.decide([](const ReceivedRequest& request) {
    const bool is_bad = request.target.find("results/a.mp4") != std::string::npos;
    return Reply{.status = is_bad ? 500 : 201};
  });
  const auto result =
      run(command("retry: { strategy: fixed, max_attempts: 3, base_delay: 1ms, max_delay: 5ms }",
                  "drain_timeout: 1s"));
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_EQ(report_of(out_)["uploads"]["pending"], 1);
  EXPECT_THAT(quarantined(out_), IsEmpty()) << "it may still succeed";
}

TEST_F(OutageStory, OneItemThatIsRefusedPausesNobody) {
  server_.decide([](const ReceivedRequest& request) {
    const bool is_locked = request.target.find("results/a.mp4") != std::string::npos;
    return Reply{.status = is_locked ? 403 : 201};
  });
  const auto result = run(command(kPatient));
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_LT(result.wall_s, 20) << "it waited for what only a person can mend";
  EXPECT_EQ(report_of(out_)["uploads"]["pending"], 1);
  EXPECT_EQ(guard()["state"], "closed");
  EXPECT_EQ(guard()["failures"], 1) << "what is refused is not tried again at once";
}

TEST_F(OutageStory, RefusedCredentialsNameTheOperatorInTheReport) {
  server_.usually({.status = 401});
  const auto result = run(command("breaker: {}"));
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_EQ(guard()["state"], "needs_operator");
  EXPECT_THAT(std::string(guard()["message"]), HasSubstr("401"));
  EXPECT_THAT(std::string(report_of(out_)["uploads"]["message"]),
              AllOf(HasSubstr("guard store needs an operator"), HasSubstr("401")));
  EXPECT_THAT(result.out, HasSubstr("needs an operator: denied: "));
  EXPECT_GT(guard()["paused_s"], 0);
}

TEST_F(OutageStory, CredentialsThatAreMendedDuringTheRunAreFoundByAProbe) {
  server_.decide(in_phases({{6, {.status = 403}}}));
  const auto result = run(command("breaker: { timeout: 50ms, max_timeout: 100ms }"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_everything_arrived();
  const std::vector<std::string> events = guard()["events"];
  EXPECT_THAT(events, Contains(HasSubstr("closed -> needs_operator: refused 3 times in a row")));
  EXPECT_THAT(events, Contains(HasSubstr("needs_operator -> closed: the service answered")));
}

TEST_F(OutageStory, StagesThatNameTheSameGuardPauseTogether) {
  server_.decide([](const ReceivedRequest& request) {
    const bool is_copy = request.target.find("/copy/") != std::string::npos;
    return Reply{.status = is_copy ? 503 : 201};
  });
  const auto config = folder_.write("two.yaml", R"(version: 1
limits: { drain_timeout: 1s }
guards:
  store: { breaker: { failure_threshold: 3, timeout: 10m } }
  other: {}
stages:
  - { id: frames, use: decode }
  - { id: shots, use: shots, from: frames }
  - { id: first, use: upload, from: shots, guard: store, with: { to: ")" +
                                                    server_.url() +
                                                    R"(/copy/1" } }
  - { id: second, use: upload, from: shots, guard: store, with: { to: ")" +
                                                    server_.url() +
                                                    R"(/copy/2" } }
  - { id: third, use: upload, from: shots, guard: other, with: { to: ")" +
                                                    server_.url() +
                                                    R"(/third" } }
)");
  const auto result = run(tool_run({sample_clips().native()}, config, out_));
  EXPECT_EQ(result.exit_code, 5) << result.err;
  const auto guards = report_of(out_)["guards"];
  ASSERT_EQ(guards.size(), 2u);
  EXPECT_EQ(guards[0]["name"], "other");
  EXPECT_EQ(guards[0]["successes"], 5);
  EXPECT_EQ(guards[0]["openings"], 0);
  EXPECT_EQ(guards[1]["name"], "store");
  EXPECT_EQ(guards[1]["openings"], 1);
  EXPECT_EQ(guards[1]["state"], "open");
  EXPECT_LE(guards[1]["calls"], 3 + 7) << "three failures, and what was under way in both lanes";
}

}  // namespace
}  // namespace reelmill::test
