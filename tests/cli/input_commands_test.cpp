// SPDX-License-Identifier: Apache-2.0
// The commands that take videos: plan and bench, and the time that a deadline names.
#include <cstdlib>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file_time.h"
#include "cli/commands.h"
#include "cli/input_options.h"
#include "cli/program.h"
#include "pipeline/ledger.h"
#include "pipeline/state_place.h"
#include "tests/media/fixtures.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

class InputCommandsTest : public ::testing::Test {
 protected:
  InputCommandsTest() {
    for (const char* name : {"a.mp4", "b.mp4", "c.mp4"}) in_.write(name, "no video");
    config_ = in_.write("c.yaml",
                        "version: 1\nstages:\n  - { id: frames, use: decode }\n"
                        "  - { id: black, use: black, from: frames }\n");
  }
  ExitCode run(std::vector<std::string> arguments) {
    out_text_.str("");
    err_text_.str("");
    Program program(out_text_, err_text_);
    add_commands(program);
    return program.run(std::move(arguments));
  }
  test::TempFolder in_, out_, state_;
  std::filesystem::path config_;
  std::ostringstream out_text_, err_text_;
};

TEST_F(InputCommandsTest, PlanLeavesToLaterRunsWhatIsBeyondTheLimit) {
  EXPECT_EQ(run({"plan", in_.path(), "-c", config_, "-o", out_.path(), "--order", "name", "--limit",
                 "2"}),
            ExitCode::done);
  EXPECT_THAT(out_text_.str(), HasSubstr("b.mp4\n"));
  EXPECT_THAT(out_text_.str(), Not(HasSubstr("c.mp4\n")));
  EXPECT_THAT(out_text_.str(), HasSubstr("1 more would be left for later runs"));
  EXPECT_THAT(out_text_.str(), HasSubstr("3 videos found"));
}

TEST_F(InputCommandsTest, PlanSaysOfHowManyVideosTheTimeIsNotKnown) {
  test::TempFolder videos;
  const auto raw = test::generated(
      "no_duration.h264", {"-f", "lavfi", "-i", "testsrc2=duration=1", "-pix_fmt", "yuv420p"});
  std::filesystem::copy_file(raw, videos / "raw.h264");
  EXPECT_EQ(run({"plan", videos.path(), "-c", config_, "-o", out_.path()}), ExitCode::done);
  EXPECT_THAT(out_text_.str(),
              HasSubstr("note: 1 video does not say how long it is, and is left out of the time"));
}

TEST_F(InputCommandsTest, AListThatCannotBeReadIsNamed) {
  for (const auto& list : {in_.path(), in_ / "gone.txt"}) {
    EXPECT_EQ(run({"plan", "--files-from", list, "-c", config_, "-o", out_.path()}),
              ExitCode::usage);
    EXPECT_THAT(err_text_.str(), HasSubstr("--files-from " + list.native() + ": cannot be read\n"));
  }
}

TEST_F(InputCommandsTest, PlanAsksTheLedgerThatIsKeptElsewhere) {
  {
    auto ledger = Ledger::open(state_.path());
    ASSERT_THAT(ledger, IsOk());
    struct stat info{};
    ASSERT_EQ(::stat((in_ / "a.mp4").c_str(), &info), 0);
    (*ledger)->record_quarantined(
        {in_ / "a.mp4", "a.mp4", static_cast<std::uint64_t>(info.st_size), modified_ns(info)},
        {"decode", "not_media", "no"}, nullptr);
    ASSERT_THAT((*ledger)->flush(), IsOk());
  }
  EXPECT_EQ(run({"plan", in_.path(), "-c", config_, "-o", out_.path(), "--state", state_.path()}),
            ExitCode::done);
  EXPECT_THAT(out_text_.str(), HasSubstr("in quarantine"));
  EXPECT_EQ(run({"plan", in_.path(), "-c", config_, "-o", out_.path()}), ExitCode::done);
  EXPECT_THAT(out_text_.str(), Not(HasSubstr("in quarantine\n")));
  ASSERT_THAT(keep_state_place(out_.path(), state_.path()), IsOk());
  EXPECT_EQ(run({"plan", in_.path(), "-c", config_, "-o", out_.path()}), ExitCode::usage);
  EXPECT_THAT(err_text_.str(), HasSubstr("add --state"));
}

TEST_F(InputCommandsTest, BenchOfWhatCannotBeDecodedFails) {
  EXPECT_EQ(run({"bench", in_.path()}), ExitCode::failed);
  EXPECT_THAT(err_text_.str(), HasSubstr("nothing could be decoded"));
}

/// Local time as in central Europe, without any time zone files.
class Deadline : public ::testing::Test {
 protected:
  Deadline() {
    const char* before = std::getenv("TZ");
    if (before != nullptr) before_ = before;
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ::tzset();
  }
  ~Deadline() override {
    before_.empty() ? ::unsetenv("TZ") : ::setenv("TZ", before_.c_str(), 1);
    ::tzset();
  }
  static std::time_t utc(int month, int day, int hour, int minute) {
    std::tm time{};
    time.tm_year = 2026 - 1900, time.tm_mon = month - 1, time.tm_mday = day;
    time.tm_hour = hour, time.tm_min = minute;
    return ::timegm(&time);
  }
  std::string before_;
};

TEST_F(Deadline, IsTheNextTimeThatClocksShowIt) {
  EXPECT_EQ(next_time_of_day(7, 0, utc(6, 1, 3, 0)), utc(6, 1, 5, 0));
  EXPECT_EQ(next_time_of_day(7, 0, utc(6, 1, 5, 0)), utc(6, 2, 5, 0)) << "not now";
  EXPECT_EQ(next_time_of_day(7, 0, utc(12, 31, 23, 30)), utc(12, 31, 23, 30) + 6 * 3600 + 1800);
}

TEST_F(Deadline, KeepsToTheClockWhereItIsPutForwardOrBack) {
  // On 29 March at 1:00 UTC, and on 25 October.
  EXPECT_EQ(next_time_of_day(7, 0, utc(3, 28, 21, 0)), utc(3, 29, 5, 0));
  EXPECT_EQ(next_time_of_day(7, 0, utc(3, 29, 0, 30)), utc(3, 29, 5, 0));
  EXPECT_EQ(next_time_of_day(7, 0, utc(10, 24, 20, 0)), utc(10, 25, 6, 0));
  EXPECT_EQ(next_time_of_day(7, 0, utc(10, 25, 0, 30)), utc(10, 25, 6, 0));
}

TEST_F(Deadline, OfATimeThatComesTwiceIsTheNextOfBoth) {
  EXPECT_EQ(next_time_of_day(2, 30, utc(10, 25, 0, 0)), utc(10, 25, 0, 30));
  EXPECT_EQ(next_time_of_day(2, 30, utc(10, 25, 0, 45)), utc(10, 25, 1, 30));
}

TEST_F(Deadline, OfATimeThatIsLeftOutIsThatNight) {
  const auto then = next_time_of_day(2, 30, utc(3, 28, 22, 0));
  EXPECT_GE(then, utc(3, 29, 0, 30));
  EXPECT_LE(then, utc(3, 29, 1, 30));
}

}  // namespace
}  // namespace reelmill
