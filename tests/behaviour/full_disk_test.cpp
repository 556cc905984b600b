// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;
using testing::ContainsRegex;
using testing::HasSubstr;

constexpr const char* kBytesNeeded = "needs [0-9]+ bytes|[0-9]+ bytes (more )?are needed";

/// The report breaks its lines where it must.
std::string on_one_line(const std::string& text) {
  std::istringstream words(text);
  std::string line;
  for (std::string word; words >> word;) line += word + " ";
  return line;
}

/// Runs a script in a mount namespace of its own, where it may lay small file systems over folders.
class SmallDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "mounting needs root";
    std::filesystem::create_directories(out_);
  }
  /// `reelmill`, `run` (with input and configuration) and $OUT are there for the script.
  ProcessResult script(const std::string& text) {
    const auto config = folder_.write("everything.yaml", analysis_yaml());
    const std::string head = "set -u; OUT=" + out_.native() + "; KEPT=" + kept_.native() +
                             "; reelmill() { " + reelmill_program().native() +
                             " \"$@\"; }; run() { reelmill run " + sample_clips().native() +
                             " -c " + config.native() +
                             " -o $OUT --workers 2 --progress none; echo \"run $?\"; }\n";
    return run({.arguments = {"unshare", "--mount", "sh", "-c", head + text}});
  }

  TempFolder folder_;
  std::filesystem::path out_ = folder_ / "out", kept_ = folder_ / "kept";
};

TEST_F(SmallDisk, ThatFillsUpStopsTheRunWhichGoesOnOnceThereIsRoom) {
  const auto config = folder_.write("everything.yaml", analysis_yaml());
  ASSERT_EQ(run(tool_run({sample_clips().native()}, config, folder_ / "undisturbed")).exit_code, 0);
  const auto result = script(
      "mount -t tmpfs -o size=180k tmpfs $OUT; run\n"
      "mount -o remount,size=64m $OUT; run; reelmill verify $OUT; echo \"verify $?\"\n"
      "cp -a $OUT $KEPT\n");
  EXPECT_THAT(result.out, HasSubstr("run 1\n")) << result.err;
  EXPECT_THAT(on_one_line(result.out + result.err), ContainsRegex(kBytesNeeded));
  EXPECT_THAT(result.out, HasSubstr("run 0\n")) << result.err;
  EXPECT_THAT(result.out, HasSubstr("verify 0\n")) << result.out;
  EXPECT_EQ(outcome(kept_), outcome(folder_ / "undisturbed"));
}

TEST_F(SmallDisk, ThatIsFullFromTheStartSaysSo) {
  const auto result = script(
      "mount -t tmpfs -o size=64k tmpfs $OUT; head -c 1m /dev/zero > $OUT/filler 2>/dev/null; "
      "run\n");
  EXPECT_THAT(result.out, HasSubstr("run 1\n")) << result.err;
  EXPECT_THAT(result.err, ContainsRegex(kBytesNeeded));
}

TEST_F(SmallDisk, ThatCannotBeWrittenIsNamedAndNothingIsDecoded) {
  const auto result = script("mount -t tmpfs -o ro tmpfs $OUT; run\n");
  EXPECT_THAT(result.out, HasSubstr("run 1\n")) << result.err;
  EXPECT_THAT(result.err, HasSubstr(out_.native()));
  EXPECT_THAT(result.err, HasSubstr("Read-only file system"));
}

}  // namespace
}  // namespace reelmill
