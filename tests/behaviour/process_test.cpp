// SPDX-License-Identifier: Apache-2.0
// The tests' own tool is tested too: a behaviour test is worth what its eyes are worth.
#include "tests/support/process.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "tests/support/sanitizer.h"
#include "tests/support/temp_folder.h"

namespace reelmill::test {
namespace {
using namespace std::chrono_literals;
using testing::Ge;
using testing::HasSubstr;
using testing::Pair;

TEST(Process, ReportsExitCodeAndBothStreams) {
  const auto result = run({.arguments = {"sh", "-c", "echo to out; echo to err >&2; exit 7"}});
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.out, "to out\n");
  EXPECT_EQ(result.err, "to err\n");
}

TEST(Process, GivesTheChildItsEnvironmentFolderAndInput) {
  const TempFolder folder;
  const auto result = run({.arguments = {"sh", "-c", "pwd; echo $COLOUR; cat"},
                           .environment = {{"COLOUR", "teal"}},
                           .working_folder = folder.path(),
                           .input = std::string(300'000, 'x')});
  EXPECT_EQ(result.out, folder.path().string() + "\nteal\n" + std::string(300'000, 'x'));
}

TEST(Process, KillsAChildThatTakesTooLongWithItsChildren) {
  const auto result =
      run({.arguments = {"sh", "-c", "sleep 1000 & echo begun; wait"}, .timeout = 200ms});
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_EQ(result.out, "begun\n");
}

TEST(Process, IsSignalledWhenTheConditionHolds) {
  const TempFolder folder;
  const auto flag = folder / "flag";
  const auto result = run_and_signal_when(
      {.arguments = {"sh", "-c", "touch '" + flag.string() + "'; exec sleep 1000"}},
      [&] { return std::filesystem::exists(flag); }, SIGTERM);
  EXPECT_EQ(result.signal, SIGTERM);
  EXPECT_FALSE(result.timed_out);
}

TEST(Process, MeasuresThePeakMemoryOfTheChild) {
  const auto result =
      run({.arguments = {"dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"}});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.peak_rss_bytes, Ge(200u << 20));
}

TEST(Process, AReportOfASanitizerInTheChildFailsTheTestWhateverItsExitCode) {
  for (const std::string report :
       {"==7==ERROR: AddressSanitizer: heap-use-after-free", "a.cpp:7:1: runtime error: overflow",
        "==7==ERROR: LeakSanitizer: detected memory leaks", "WARNING: ThreadSanitizer: data race"})
    EXPECT_NONFATAL_FAILURE(run({.arguments = {"sh", "-c", "echo '" + report + "' >&2; exit 0"}}),
                            report);
}

TEST(Process, AnOptionForTheChildsSanitizerLeavesWhatOursWasTold) {
  const char* before = std::getenv("ASAN_OPTIONS");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("ASAN_OPTIONS", "log_path=here", 1);
  EXPECT_THAT(address_sanitizer_with("detect_leaks=0"),
              Pair("ASAN_OPTIONS", "log_path=here:detect_leaks=0"));
  ::unsetenv("ASAN_OPTIONS");
  EXPECT_THAT(address_sanitizer_with("detect_leaks=0"), Pair("ASAN_OPTIONS", "detect_leaks=0"));
  if (before != nullptr) ::setenv("ASAN_OPTIONS", kept.c_str(), 1);
}

TEST(Process, SaysWhichProgramCannotBeStarted) {
  try {
    run({.arguments = {"/nowhere/program"}});
    FAIL() << "started";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/nowhere/program: No such file"));
  }
}

}  // namespace
}  // namespace reelmill::test
