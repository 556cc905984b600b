// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/input_outage.h"
#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;

class StorageOutage : public testing::TestWithParam<int> {};

TEST_P(StorageOutage, InMidRunPausesDecodingAndQuarantinesNothing) {
  TempFolder folder;
  const auto config = folder.write("everything.yaml", analysis_yaml());
  const auto input = folder / "in";
  for (int copy = 0; copy < 4; ++copy)
    for (const auto& clip : std::filesystem::directory_iterator(sample_clips())) {
      std::filesystem::create_directories(input / std::to_string(copy));
      std::filesystem::copy(clip.path(), input / std::to_string(copy));
    }
  ASSERT_EQ(run(tool_run({input.native()}, config, folder / "undisturbed")).exit_code, 0);

  const InputOutage outage(std::filesystem::canonical(input), GetParam());
  auto command = tool_run({input.native()}, config, folder / "out", {"--order", "name"});
  for (const auto& variable : outage.environment()) command.environment.push_back(variable);
  ChildProcess tool(command);
  const auto results = folder / "out/results";
  ASSERT_TRUE(tool.wait_until([&] { return contents(results).size() >= 2; })) << tool.err();
  outage.begin();
  ASSERT_TRUE(tool.wait_until([&] { return outage.failures() >= 5; })) << tool.err();
  outage.end();
  const auto result = tool.wait();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(quarantined(folder / "out"), testing::IsEmpty());
  EXPECT_EQ(outcome(folder / "out"), outcome(folder / "undisturbed"));
}

INSTANTIATE_TEST_SUITE_P(Errno, StorageOutage, testing::Values(EIO, ENOTCONN, ESTALE));

TEST(StorageOutageAtTheEnd, AFileIsHashedAgainOnceItsStorageAnswers) {
  TempFolder folder;
  const auto config = folder.write("hash.yaml", "hash: true\n" + analysis_yaml());
  auto command = tool_run({sample_clips().native()}, config, folder / "out");
  ASSERT_EQ(run(tool_run({sample_clips().native()}, config, folder / "undisturbed")).exit_code, 0);
  command.environment.emplace_back("REELMILL_FAIL_POINTS", "input.hash=error@1/a.mp4");
  const auto result = run(command);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(quarantined(folder / "out"), testing::IsEmpty());
  EXPECT_EQ(outcome(folder / "out"), outcome(folder / "undisturbed"));
}

}  // namespace
}  // namespace reelmill
