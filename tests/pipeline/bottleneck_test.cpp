// SPDX-License-Identifier: Apache-2.0
#include "pipeline/bottleneck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reelmill {
namespace {

using ::testing::HasSubstr;

/// 100 s on two cores: a source, a stage on the cores, and one with two lanes.
RunReport run(double decode_cpu_s, double thumbnails_busy_s, double upload_busy_s) {
  RunReport report;
  report.run.wall_s = 100;
  report.run.workers = 2;
  report.speed_of_light.cores = 2;
  report.speed_of_light.decode_cpu_s = decode_cpu_s;
  report.speed_of_light.process_cpu_s = decode_cpu_s + thumbnails_busy_s;
  report.stages = {{"frames", "decode", 0, 10, 10, 0, decode_cpu_s, 0, {}, {}},
                   {"thumbs", "thumbnails", 0, 10, 10, 0, thumbnails_busy_s, 0, {}, {}},
                   {"publish", "upload", 2, 10, 10, 0, upload_busy_s, 30, {}, {}}};
  return report;
}

TEST(Bottleneck, IsTheDecoderWhenItFillsTheCores) {
  const auto found = find_bottleneck(run(180, 10, 190));
  EXPECT_EQ(found.stage, "frames");
  EXPECT_DOUBLE_EQ(found.share, 0.9);
  EXPECT_EQ(found.because, "it took 90 % of the time of 2 cores, which were busy 95 % in all");
}

TEST(Bottleneck, IsTheStageThatUsesMostOfFullCores) {
  EXPECT_EQ(find_bottleneck(run(60, 120, 0)).stage, "thumbs");
}

TEST(Bottleneck, WorkThatIsDoneTwiceCountsForTheDecoder) {
  auto report = run(80, 90, 0);
  report.speed_of_light.decode_waste_cpu_s = 20;
  EXPECT_EQ(find_bottleneck(report).stage, "frames");
}

TEST(Bottleneck, IsTheServiceWhenItsLanesAreFullAndTheCoresAreNot) {
  const auto found = find_bottleneck(run(60, 10, 190));
  EXPECT_EQ(found.stage, "publish");
  EXPECT_DOUBLE_EQ(found.share, 0.95);
  EXPECT_THAT(found.because, HasSubstr("its 2 lanes were busy 95 %"));
  EXPECT_THAT(found.because, HasSubstr("30.0 s"));
}

TEST(Bottleneck, IsTheStorageWhenTheWorkersReadAndTheCoresIdle) {
  auto report = run(60, 10, 0);
  report.stages[0].busy_s = 185;
  const auto found = find_bottleneck(report);
  EXPECT_EQ(found.stage, "frames");
  EXPECT_THAT(found.because, HasSubstr("storage"));
}

TEST(Bottleneck, SaysSoWhenNothingWasUsedUp) {
  const auto found = find_bottleneck(run(60, 10, 20));
  EXPECT_EQ(found.stage, "frames");
  EXPECT_DOUBLE_EQ(found.share, 0.3);
  EXPECT_THAT(found.because, HasSubstr("nothing was used up"));
}

TEST(Bottleneck, IsNoneWhereThereWasNothingToDo) {
  auto report = run(0, 0, 0);
  for (auto& stage : report.stages) stage.in = 0;
  EXPECT_EQ(find_bottleneck(report).stage, "");
  EXPECT_EQ(find_bottleneck(RunReport{}).stage, "");
}

}  // namespace
}  // namespace reelmill
