// SPDX-License-Identifier: Apache-2.0
// Shots with `mode: fast`, through the tool.
#include <regex>

#include <gmock/gmock.h>

#include "tests/media/fixtures.h"
#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;
using testing::HasSubstr;

const std::string kFast =
    "version: 1\nname: fast\nstages:\n  - { id: frames, use: decode }\n"
    "  - { id: shots, use: shots, from: frames, with: { mode: fast } }\n";

class FastShots : public testing::Test {
 protected:
  ProcessResult run_over(const std::filesystem::path& input, const std::string& yaml,
                         const std::string& out, const std::vector<std::string>& more = {}) {
    const auto config = folder_.write("config.yaml", yaml);
    return run(tool_run({input.native()}, config, folder_ / out, more));
  }
  nlohmann::json results_of(const std::string& out) const {
    const auto files = contents(folder_ / out / "results");
    return nlohmann::json::parse(files.at(files.begin()->first));
  }

  TempFolder folder_;
};

/// Still pictures with cuts between them and a dissolve: most of it need not be decoded.
std::filesystem::path film(const std::string& name) {
  return generated(
      name, {"-f", "lavfi", "-i", "smptehdbars=size=320x180:rate=25:duration=9", "-f", "lavfi",
             "-i", "testsrc=size=320x180:rate=25:duration=9", "-f", "lavfi", "-i",
             "yuvtestsrc=size=320x180:rate=25:duration=9", "-filter_complex",
             "[0:v]format=yuv420p,settb=1/25[a];[1:v]format=yuv420p,settb=1/25[b];"
             "[2:v]format=yuv420p[c];[a][b]xfade=duration=1:offset=8[ab];[ab][c]concat=n=2",
             "-g", "50", "-pix_fmt", "yuv420p"});
}

TEST_F(FastShots, AreTheSameWithAnyNumberOfWorkersAndAnySegmentLength) {
  const auto clip = film("fast-tool.mp4");
  ASSERT_EQ(run_over(clip, kFast, "one", {"--workers", "1"}).exit_code, 0);
  const auto once = outcome(folder_ / "one");
  EXPECT_GT(results_of("one")["frames"]["held"], 200);
  EXPECT_EQ(results_of("one")["shots"].size(), 3);
  for (const char* length : {"2s", "7s"}) {
    const std::vector<std::string> split = {"--workers",        "2",   "--split", "always",
                                            "--segment-length", length};
    ASSERT_EQ(run_over(clip, kFast, std::string("split-") + length, split).exit_code, 0);
    EXPECT_EQ(outcome(folder_ / (std::string("split-") + length)), once);
  }
}

TEST_F(FastShots, SayWhereAllFramesHadToBeDecoded) {
  ASSERT_EQ(run_over(film("fast-tool.avi"), kFast, "out").exit_code, 0);
  const auto results = results_of("out");
  EXPECT_FALSE(results["frames"].contains("held"));
  EXPECT_EQ(results["shots"].size(), 3);
  EXPECT_THAT(results["warnings"].dump(), HasSubstr("fast had no effect"));
  EXPECT_THAT(report_of(folder_ / "out")["notes"].dump(), HasSubstr("without effect of fast: 1"));
}

TEST_F(FastShots, SayThatAnotherStageNeedsAllFrames) {
  const auto both = kFast + "  - { id: black, use: black, from: frames }\n";
  ASSERT_EQ(run_over(film("fast-tool.mp4"), both, "out").exit_code, 0);
  EXPECT_FALSE(results_of("out")["frames"].contains("held"));
  EXPECT_THAT(report_of(folder_ / "out")["notes"].dump(),
              HasSubstr("'shots' is fast without effect: stage 'black' needs frames"));
}

TEST_F(FastShots, AreNotTakenForThoseOfAFullScanLater) {
  const auto clip = film("fast-tool.mp4");
  ASSERT_EQ(run_over(clip, kFast, "out").exit_code, 0);
  std::string full = kFast;
  full.replace(full.find("mode: fast"), 10, "mode: full");
  ASSERT_EQ(run_over(clip, full, "out").exit_code, 0);
  EXPECT_FALSE(results_of("out")["frames"].contains("held")) << "held frames were taken over";
  EXPECT_EQ(results_of("out")["frames"]["decoded"], 650);
}

TEST_F(FastShots, PlanPredictsHowLongAVideoTakesAndTheReportHoldsItAgainst) {
  const auto clip = film("fast-tool.mp4");
  ASSERT_EQ(run_over(clip, kFast, "out").exit_code, 0);
  const auto planned =
      run({.arguments = {reelmill_program().native(), "plan", clip.native(), "-c",
                         (folder_ / "config.yaml").native(), "-o", (folder_ / "other").native()}});
  EXPECT_THAT(planned.out, HasSubstr("read by looking for changes"));
  EXPECT_THAT(planned.out, HasSubstr("of work"));
  const auto prediction = report_of(folder_ / "out")["prediction"];
  EXPECT_EQ(prediction["videos"], 1);
  EXPECT_GT(prediction["predicted_s"], 0);
  EXPECT_GT(prediction["took_s"], 0);
  EXPECT_GE(prediction["median_error"], 0);
}

TEST_F(FastShots, TakeTimeInOpeningAndWritingToo) {
  const auto config = folder_.write("config.yaml", kFast);
  auto slow = tool_run({film("fast-tool.mp4").native()}, config, folder_ / "out");
  slow.environment.emplace_back("REELMILL_FAIL_POINTS", "media.read=late@1;file.written=late@1");
  ASSERT_EQ(run(slow).exit_code, 0);
  const auto report = report_of(folder_ / "out");
  const double decoding_s = report["stages"][0]["busy_s"];
  EXPECT_GT(report["prediction"]["took_s"], decoding_s + 0.4);
}

TEST_F(FastShots, RunOnOneCoreAVideoAndPlanKnowsIt) {
  const auto clip = film("fast-tool.mp4");
  const auto planned = [&](const std::string& yaml) {
    return run({.arguments = {reelmill_program().native(), "plan", clip.native(), "-c",
                              folder_.write("config.yaml", yaml).native(), "-o",
                              (folder_ / "other").native()}})
        .out;
  };
  const auto takes_all_its_work = [](const std::string& text) {
    return std::regex_search(text, std::regex("about (.+) of work, \\1 on"));
  };
  std::string full = kFast;
  full.replace(full.find("mode: fast"), 10, "mode: full");
  EXPECT_TRUE(takes_all_its_work(planned(kFast)));
  const auto text = planned(full);
  EXPECT_EQ(takes_all_its_work(text), text.find("on 1 core\n") != text.npos) << "it is cut";
}

}  // namespace
}  // namespace reelmill
