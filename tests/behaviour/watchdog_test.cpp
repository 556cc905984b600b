// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;

TEST(StuckFile, CostsOneWorkerTheWatchdogsTimeAndNothingElse) {
  TempFolder folder;
  const auto config =
      folder.write("stall.yaml", analysis_yaml() + "watchdog: { stall_timeout: 300ms }\n");
  auto command = tool_run({sample_clips().native()}, config, folder / "out", {"--workers", "1"});
  command.environment.emplace_back("REELMILL_FAIL_POINTS", "media.packet=stall/a.mp4");
  const auto result = run(command);
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_THAT(quarantined(folder / "out"), testing::ElementsAre(testing::Pair("a.mp4", "stalled")));
  EXPECT_EQ(contents(folder / "out/results").size(), 4u);
}

TEST(StuckFile, AnUploadThatArrivedCountsThoughItsOutcomeIsLate) {
  TempFolder folder;
  const auto config = folder.write("stall.yaml",
                                   "version: 1\n"
                                   "name: late\n"
                                   "stages:\n"
                                   "  - { id: frames, use: decode }\n"
                                   "  - { id: shots, use: shots, from: frames }\n"
                                   "  - { id: publish, use: upload, with: { to: \"file:published\" "
                                   "}, from: shots }\n"
                                   "watchdog: { stall_timeout: 300ms }\n");
  auto command = tool_run({sample_clips().native()}, config, folder / "out", {"--workers", "1"});
  command.environment.emplace_back("REELMILL_FAIL_POINTS",
                                   "media.packet=stall/a.mp4;call.settle=late");
  const auto result = run(command);
  EXPECT_EQ(result.exit_code, 4) << result.err;
  const auto uploads = report_of(folder / "out").at("uploads");
  EXPECT_EQ(uploads.at("objects"), 4);
  EXPECT_EQ(uploads.at("pending"), 0);
}

TEST(StuckFile, EndsTheRunAlsoWhereItsReportCannotBeWritten) {
  TempFolder folder;
  const auto config =
      folder.write("stall.yaml", analysis_yaml() + "watchdog: { stall_timeout: 300ms }\n");
  folder.write("out/report.json/in the way", "");
  auto command = tool_run({(sample_clips() / "a.mp4").native()}, config, folder / "out");
  command.environment.emplace_back("REELMILL_FAIL_POINTS", "media.packet=stall/a.mp4");
  command.timeout = std::chrono::seconds(30);
  const auto result = run(command);
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, testing::HasSubstr("report.json"));
}

TEST(StuckFile, RunsAgainOnRetry) {
  TempFolder folder;
  const auto config =
      folder.write("stall.yaml", analysis_yaml() + "watchdog: { stall_timeout: 300ms }\n");
  auto command = tool_run({(sample_clips() / "a.mp4").native()}, config, folder / "out");
  auto stuck = command;
  stuck.environment.emplace_back("REELMILL_FAIL_POINTS", "media.packet=stall/a.mp4");
  ASSERT_EQ(run(stuck).exit_code, 4);
  EXPECT_EQ(run(command).exit_code, 4) << "it stays in quarantine until asked for";
  const auto retried = run({.arguments = {reelmill_program().native(), "retry",
                                          (folder / "out").native(), "--class", "stalled"}});
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  EXPECT_EQ(run(command).exit_code, 0);
}

TEST(CrashingFile, RunsAloneAfterTwoCrashesAndIsQuarantinedWhenItCrashesAlone) {
  TempFolder folder;
  const auto config = folder.write("everything.yaml", analysis_yaml());
  auto command = tool_run({sample_clips().native()}, config, folder / "out");
  auto crashing = command;
  crashing.environment.emplace_back("REELMILL_FAIL_POINTS", "decode.begin=crash/a.mp4");
  for (int run_number = 0; run_number < 3; ++run_number)
    EXPECT_EQ(run(crashing).signal, SIGSEGV) << run_number;
  const auto last = run(crashing);
  EXPECT_EQ(last.exit_code, 4) << last.err;
  EXPECT_THAT(quarantined(folder / "out"), testing::ElementsAre(testing::Pair("a.mp4", "crashed")));
  EXPECT_EQ(contents(folder / "out/results").size(), 4u);
}

TEST(CrashingFile, AKillFromOutsideBlamesNoVideo) {
  TempFolder folder;
  const auto config = folder.write("everything.yaml", analysis_yaml());
  auto command = tool_run({(sample_clips() / "a.mp4").native()}, config, folder / "out");
  auto killed = command;
  killed.environment.emplace_back("REELMILL_FAIL_POINTS", "decode.begin=kill");
  for (int run_number = 0; run_number < 5; ++run_number) EXPECT_EQ(run(killed).signal, SIGKILL);
  EXPECT_EQ(run(command).exit_code, 0);
}

}  // namespace
}  // namespace reelmill
