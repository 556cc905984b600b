// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/fault_server.h"
#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;
using testing::HasSubstr;

std::string publishing_yaml(const std::string& url) {
  return "version: 1\n"
         "name: publish\n"
         "guards:\n"
         "  store: { retry: { strategy: exponential, max_attempts: 4, base_delay: 10ms, max_delay: "
         "50ms },\n"
         "           breaker: { failure_threshold: 3, timeout: 200ms, max_timeout: 400ms } }\n"
         "limits: { drain_timeout: 5s }\n"
         "stages:\n"
         "  - { id: frames, use: decode }\n"
         "  - { id: shots, use: shots, from: frames }\n"
         "  - { id: thumbs, use: thumbnails, from: [frames, shots] }\n"
         "  - { id: publish, use: upload, from: [shots, thumbs], guard: store, with: { to: \"" +
         url + "\" } }\n";
}

class UploadLeg : public testing::Test {
 protected:
  Command command() {
    return tool_run({sample_clips().native()},
                    folder_.write("publish.yaml", publishing_yaml(server_.url() + "/archive")),
                    folder_ / "out");
  }
  void expect_everything_arrived() {
    const auto objects = server_.objects();
    for (const auto& [name, content] : outcome(folder_ / "out")) {
      const auto path = "archive/" + (name.starts_with("artifacts/") ? name : "results/" + name);
      ASSERT_TRUE(objects.contains(path)) << path;
      EXPECT_EQ(objects.at(path), content) << path;
    }
  }
  FaultServer server_;
  TempFolder folder_;
};

TEST_F(UploadLeg, DeliversEveryObjectExactly) {
  const auto result = run(command());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_everything_arrived();
}

TEST_F(UploadLeg, SurvivesErrorsResetsAndShortAnswers) {
  server_.next({{.status = 503},
                {.fault = Reply::Fault::reset},
                {.status = 500},
                {.fault = Reply::Fault::close},
                {.status = 503},
                {.fault = Reply::Fault::reset}});
  const auto result = run(command());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_everything_arrived();
  EXPECT_GT(report_of(folder_ / "out")["guards"][0]["failures"].get<int>(), 0);
}

TEST_F(UploadLeg, RefusedCredentialsLeaveTheItemsPendingWithAWordForTheOperator) {
  server_.usually({.status = 403});
  const auto refused = run(command());
  EXPECT_EQ(refused.exit_code, 5) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("403"));
  EXPECT_THAT(quarantined(folder_ / "out"), testing::IsEmpty());
  // Four lanes run into it, then one probe every 400 ms.
  EXPECT_LE(static_cast<double>(server_.requests().size()), 8 + refused.wall_s / 0.4)
      << "credentials that are refused are not tried again and again";
  server_.usually({.status = 201});
  EXPECT_EQ(run(command()).exit_code, 0);
  expect_everything_arrived();
}

TEST_F(UploadLeg, AFullServiceLeavesTheItemsPending) {
  server_.usually({.status = 507});
  EXPECT_EQ(run(command()).exit_code, 5);
  EXPECT_THAT(quarantined(folder_ / "out"), testing::IsEmpty());
}

TEST_F(UploadLeg, ADeadServiceDoesNotStopAnalysis) {
  server_.usually({.fault = Reply::Fault::reset});
  const auto result = run(command());
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_EQ(contents(folder_ / "out/results").size(), 5u);
  EXPECT_THAT(quarantined(folder_ / "out"), testing::IsEmpty());
  const auto guard = report_of(folder_ / "out")["guards"][0];
  EXPECT_GE(guard["openings"].get<int>(), 1);
}

TEST_F(UploadLeg, AnItemTheServiceWillNeverTakeGoesToQuarantineAloneAndItsResultsStay) {
  server_.decide([](const ReceivedRequest& request) {
    return Reply{.status = request.target.find("results/a.mp4") != std::string::npos ? 400 : 201};
  });
  const auto result = run(command());
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_THAT(quarantined(folder_ / "out"),
              testing::ElementsAre(testing::Pair("a.mp4", "upload_refused")));
  EXPECT_EQ(contents(folder_ / "out/results").size(), 5u);
}

TEST_F(UploadLeg, HoldsABacklogOnDiskWhileTheServiceHangs) {
  server_.usually({.fault = Reply::Fault::hang});
  ChildProcess tool(command());
  // Analysis goes on to its end though no upload has been answered.
  EXPECT_TRUE(tool.wait_until([&] { return contents(folder_ / "out/results").size() == 5; }))
      << tool.err();
  server_.usually({.status = 201});
  server_.release();
  const auto result = tool.wait();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_everything_arrived();
}

}  // namespace
}  // namespace reelmill
