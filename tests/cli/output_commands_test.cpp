// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "cli/commands.h"
#include "cli/program.h"
#include "pipeline/ledger.h"
#include "pipeline/report.h"
#include "pipeline/results_writer.h"
#include "pipeline/state_place.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

/// status, retry, verify and report on an output folder with one video done and two in quarantine.
class OutputCommandsTest : public ::testing::Test {
 protected:
  OutputCommandsTest() {
    auto ledger = Ledger::open(out.path());
    EXPECT_THAT(ledger, IsOk());
    DurableFolders folders(out.path());
    const VideoFile file{out / "in/a.mp4", "a.mp4", 100, 1};
    const MediaInfo media;
    const Findings findings;
    auto written =
        ResultsWriter(folders, file.key).commit({file, media, findings, "done", 1, 0, {}, {}});
    EXPECT_THAT(written, IsOk());
    AnalyzedVideo analyzed{file, "h", "done", 1, written->results.sha256, {}, {}};
    (*ledger)->record_analyzed(analyzed, nullptr);
    for (const std::string name : {"b.mp4", "c.mp4"})
      (*ledger)->record_quarantined({out / "in" / name, name, 0, 1},
                                    {"decode", name == "b.mp4" ? "empty" : "not_media", "no"},
                                    nullptr);
    EXPECT_THAT((*ledger)->flush(), IsOk());
  }

  ExitCode run(std::vector<std::string> arguments) {
    out_text.str("");
    err_text.str("");
    Program program(out_text, err_text);
    add_commands(program);
    return program.run(std::move(arguments));
  }
  std::string said() const { return out_text.str(); }
  std::string complained() const { return err_text.str(); }

  test::TempFolder out;
  std::ostringstream out_text, err_text;
};

TEST_F(OutputCommandsTest, StatusCountsVideosByWhereTheyStand) {
  EXPECT_EQ(run({"status", out.path()}), ExitCode::done);
  EXPECT_THAT(said(), HasSubstr("no run is at work\nVideos:     1 done, 2 in quarantine\n"));
  EXPECT_THAT(said(), HasSubstr("Quarantine: 1 empty, 1 not_media\n"));
}

TEST_F(OutputCommandsTest, StatusTellsWhoIsAtWork) {
  const auto ledger = Ledger::open(out.path());
  ASSERT_THAT(ledger, IsOk());
  EXPECT_EQ(run({"status", out.path(), "--format", "json"}), ExitCode::done);
  const auto json = nlohmann::json::parse(said());
  EXPECT_EQ(json["process"], ::getpid());
  EXPECT_EQ(json["videos"]["done"], 1);
  EXPECT_EQ(json["quarantine"]["not_media"], 1);
}

TEST_F(OutputCommandsTest, RetryTakesOneClassOrAllOutOfQuarantine) {
  EXPECT_EQ(run({"retry", out.path(), "--class", "empty"}), ExitCode::done);
  EXPECT_EQ(said(), "1 video will be done again by the next run\n");
  EXPECT_THAT(test::read_file(out / "quarantine.jsonl"), HasSubstr("c.mp4"));
  EXPECT_THAT(test::read_file(out / "quarantine.jsonl"), Not(HasSubstr("b.mp4")));
  EXPECT_EQ(run({"retry", out.path(), "--class", "not_medai"}), ExitCode::usage);
  EXPECT_THAT(complained(), HasSubstr("did you mean 'not_media'?"));
  EXPECT_EQ(run({"retry", out.path()}), ExitCode::done);
  EXPECT_EQ(run({"retry", out.path()}), ExitCode::done);
  EXPECT_EQ(said(), "no video is in quarantine\n");
}

TEST_F(OutputCommandsTest, RetryIsRefusedWhileARunIsAtWork) {
  const auto ledger = Ledger::open(out.path());
  ASSERT_THAT(ledger, IsOk());
  EXPECT_EQ(run({"retry", out.path()}), ExitCode::failed);
  EXPECT_THAT(complained(),
              HasSubstr(fmt::format("another run (process {}) is using", ::getpid())));
}

TEST_F(OutputCommandsTest, VerifyNamesResultsThatCannotBeRead) {
  std::filesystem::remove(out / "results/a.mp4.json");
  std::filesystem::create_directory(out / "results/a.mp4.json");
  EXPECT_EQ(run({"verify", out.path()}), ExitCode::failed);
  EXPECT_THAT(said(), HasSubstr("deviation: a.mp4: its results cannot be read: "));
  EXPECT_THAT(said(), HasSubstr(": 1 deviation\n"));
}

TEST_F(OutputCommandsTest, VerifyExitsWithZeroWhenEverythingAgrees) {
  EXPECT_EQ(run({"verify", out.path(), "--deep"}), ExitCode::done);
  EXPECT_EQ(said(), "3 videos, 1 results file, 0 artifacts: everything agrees with the ledger\n");
}

TEST_F(OutputCommandsTest, VerifyListsDeviationsAndExitsWithOne) {
  out.write("results/stranger.json", "{}");
  out.write("results/a.mp4.json", "{}");
  EXPECT_EQ(run({"verify", out.path()}), ExitCode::failed);
  EXPECT_THAT(said(),
              HasSubstr("deviation: results/stranger.json: the ledger knows nothing of it"));
  EXPECT_THAT(said(), HasSubstr("are not those that were recorded"));
}

TEST_F(OutputCommandsTest, VerifyWaitsForTheRunToEnd) {
  const auto ledger = Ledger::open(out.path());
  EXPECT_EQ(run({"verify", out.path()}), ExitCode::failed);
  EXPECT_THAT(complained(), HasSubstr("verify when it has ended"));
}

TEST_F(OutputCommandsTest, ReportShowsTheLastRunAsTextOrJson) {
  EXPECT_EQ(run({"report", out.path()}), ExitCode::failed);
  EXPECT_THAT(complained(), HasSubstr("has no report yet"));
  RunReport report;
  report.run.outcome = "all done";
  const auto json = to_json(report).dump(2) + "\n";
  ASSERT_THAT(write_file_durably(out / "report.json", json), IsOk());
  EXPECT_EQ(run({"report", out.path()}), ExitCode::done);
  EXPECT_THAT(said(), HasSubstr("All done: 0 videos found"));
  EXPECT_THAT(said(), HasSubstr(out.path().native() + "/results"));
  EXPECT_EQ(run({"report", out.path(), "--format", "json"}), ExitCode::done);
  EXPECT_EQ(said(), json);
  EXPECT_EQ(run({"report", out.path(), "--format", "html"}), ExitCode::usage);
  run({"report", "--help"});
  EXPECT_THAT(said(), Not(HasSubstr("html")));
  out.write("report.json", "{}");
  EXPECT_EQ(run({"report", out.path()}), ExitCode::failed);
}

TEST_F(OutputCommandsTest, AFolderThatIsNoOutputFolderIsAMistakeOfTheCaller) {
  const auto empty = out / "empty";
  std::filesystem::create_directory(empty);
  for (const char* command : {"status", "retry", "verify"}) {
    EXPECT_EQ(run({command, out / "missing"}), ExitCode::usage);
    EXPECT_THAT(complained(), HasSubstr("there is no folder"));
    EXPECT_NE(run({command, out / std::string(300, 'x')}), ExitCode::done);
    EXPECT_THAT(complained(), HasSubstr("File name too long"));
    EXPECT_EQ(run({command, out.write("file", "x")}), ExitCode::usage);
    EXPECT_THAT(complained(), HasSubstr("is a file"));
    EXPECT_EQ(run({command, empty}), ExitCode::usage);
    EXPECT_THAT(complained(), HasSubstr("is no output folder of reelmill"));
    EXPECT_TRUE(std::filesystem::is_empty(empty)) << command << " left something behind";
  }
}

TEST_F(OutputCommandsTest, TheLedgerMayBeElsewhere) {
  const test::TempFolder state;
  std::filesystem::rename(out / "ledger.sqlite", state / "ledger.sqlite");
  EXPECT_EQ(run({"status", out.path()}), ExitCode::usage);
  EXPECT_EQ(run({"status", out.path(), "--state", state.path()}), ExitCode::done);
  EXPECT_EQ(run({"verify", out.path(), "--state", state.path()}), ExitCode::done);
  EXPECT_EQ(run({"retry", out.path(), "--state", state.path()}), ExitCode::done);
  EXPECT_TRUE(std::filesystem::exists(out / "quarantine.jsonl"));
  ASSERT_THAT(keep_state_place(out.path(), state.path()), IsOk());
  EXPECT_EQ(run({"status", out.path()}), ExitCode::usage);
  EXPECT_THAT(complained(), HasSubstr("add --state " + state.path().native()));
}

}  // namespace
}  // namespace reelmill
