// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <random>

#include <gmock/gmock.h>

#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;

class Resume : public testing::Test {
 protected:
  Resume() : config_(folder_.write("everything.yaml", analysis_yaml())) {}

  Command command(const std::string& out) const {
    return tool_run({sample_clips().native()}, config_, folder_ / out, {"--workers", "2"});
  }

  /// What an undisturbed run gives.
  const std::map<std::string, std::string>& expected() {
    if (expected_.empty()) {
      const auto undisturbed = run(command("undisturbed"));
      EXPECT_EQ(undisturbed.exit_code, 0) << undisturbed.err;
      expected_ = outcome(folder_ / "undisturbed");
    }
    return expected_;
  }

  void expect_finished(const std::string& out) {
    const auto last = run(command(out));
    EXPECT_EQ(last.exit_code, 0) << last.out << last.err;
    EXPECT_EQ(outcome(folder_ / out), expected());
    const auto verified =
        run({.arguments = {reelmill_program().native(), "verify", (folder_ / out).native()}});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    EXPECT_EQ(contents(folder_ / out / "published").size(), expected().size());
  }

  TempFolder folder_;
  std::filesystem::path config_;
  std::map<std::string, std::string> expected_;
};

TEST_F(Resume, ASecondRunOverAFinishedOutputDoesNothing) {
  (void)expected();
  const auto again = run(command("undisturbed"));
  EXPECT_EQ(again.exit_code, 0);
  const auto report = report_of(folder_ / "undisturbed");
  EXPECT_EQ(report["videos"]["skipped"], 5);
  EXPECT_EQ(report["throughput"]["frames"], 0);
}

TEST_F(Resume, TheOutputMayEndInASlash) {
  const auto first = run(command("slashed/"));
  EXPECT_EQ(first.exit_code, 0) << first.out << first.err;
  EXPECT_EQ(outcome(folder_ / "slashed"), expected());
  ASSERT_EQ(run(command("slashed")).exit_code, 0);
  EXPECT_EQ(report_of(folder_ / "slashed")["videos"]["skipped"], 5) << "it is the same folder";
}

TEST_F(Resume, AChangedFileRunsAgainAndNothingElse) {
  TempFolder input;
  for (const auto& clip : std::filesystem::directory_iterator(sample_clips()))
    std::filesystem::copy(clip.path(), input.path());
  const auto command = tool_run({input.path().native()}, config_, folder_ / "out");
  ASSERT_EQ(run(command).exit_code, 0);
  std::filesystem::copy_file(sample_clips() / "b.mkv", input / "a.mp4",
                             std::filesystem::copy_options::overwrite_existing);
  ASSERT_EQ(run(command).exit_code, 0);
  const auto report = report_of(folder_ / "out");
  EXPECT_EQ(report["videos"]["skipped"], 4);
  EXPECT_EQ(report["videos"]["done"], 1);
}

TEST_F(Resume, KilledAtRandomMomentsItEndsAsIfNothingHadHappened) {
  (void)expected();
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int kill = 0; kill < 6; ++kill) {
    // The moment is a number of results on disk and a few turns of waiting, never a sleep.
    const int turns = std::uniform_int_distribution<int>(1, 150)(random);
    int seen = 0;
    run_and_signal_when(command("killed"), [&] { return ++seen > turns; }, SIGKILL);
  }
  expect_finished("killed");
}

class FailPoint : public Resume, public testing::WithParamInterface<std::string> {};

TEST_P(FailPoint, KilledThereItEndsAsIfNothingHadHappened) {
  for (int visit = 1; visit <= 2; ++visit) {
    auto killed = command("killed");
    killed.environment.emplace_back("REELMILL_FAIL_POINTS",
                                    GetParam() + "=kill@" + std::to_string(visit));
    EXPECT_EQ(run(killed).signal, SIGKILL) << "the fail point was never reached";
  }
  expect_finished("killed");
}

INSTANTIATE_TEST_SUITE_P(BetweenDecodeAndCommit, FailPoint,
                         testing::Values("decode.begin", "file.written", "file.synced",
                                         "file.renamed", "file.folder_synced",
                                         "ledger.before_commit", "ledger.after_commit",
                                         "upload.before_put", "upload.after_put"),
                         [](const auto& point) {
                           std::string name = point.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST_F(Resume, InterruptedItLeavesWithItsOwnCodeAndGoesOnLater) {
  auto stopped = command("stopped");
  stopped.environment.emplace_back("REELMILL_FAIL_POINTS", "");
  const auto ledger = folder_ / "stopped/ledger.sqlite";
  const auto result =
      run_and_signal_when(stopped, [&] { return std::filesystem::exists(ledger); }, SIGINT);
  EXPECT_THAT(result.exit_code, testing::AnyOf(130, 0)) << result.err;
  expect_finished("stopped");
}

TEST_F(Resume, ADeadlineLeavesWithItsOwnCodeAndTheNextRunGoesOn) {
  auto hurried =
      tool_run({sample_clips().native()}, config_, folder_ / "hurried", {"--deadline", "1ms"});
  EXPECT_EQ(run(hurried).exit_code, 6);
  expect_finished("hurried");
}

TEST_F(Resume, AnOutputInUseIsRefused) {
  auto first = command("shared");
  first.environment.emplace_back("REELMILL_FAIL_POINTS", "decode.begin=stall/a.mp4");
  ChildProcess holder(first);
  ASSERT_TRUE(holder.wait_until(
      [&] { return std::filesystem::exists(folder_ / "shared" / "results" / "b.mkv.json"); }));
  const auto second = run(command("shared"));
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, testing::HasSubstr(std::to_string(holder.pid())));
}

}  // namespace
}  // namespace reelmill
