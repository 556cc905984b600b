// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/black.h"

#include <gtest/gtest.h>

#include "tests/support/scan.h"
#include "tests/support/synthetic.h"

namespace reelmill {
namespace {

using test::flat;
using test::scene;
using test::TimelineBuilder;

std::string black(const Timeline& timeline,
                  const std::vector<std::pair<std::string, std::string>>& options = {}) {
  const auto found = test::configured("black", options).detector->detect(timeline);
  EXPECT_TRUE(found);
  return found ? found->find("black")->dump() : "";
}

TEST(Black, IsEmptyWithoutFrames) {
  EXPECT_EQ(black(TimelineBuilder().timeline()), "[]");
}

TEST(Black, CoversBlackAtBothEndsAndInTheMiddle) {
  EXPECT_EQ(
      black(TimelineBuilder(10)
                .add(flat(0), 5)
                .add(scene(1), 5)
                .add(flat(10), 5)
                .add(scene(1), 5)
                .add(flat(0), 5)
                .timeline()),
      R"([{"start_s":0.0,"end_s":0.5},{"start_s":1.0,"end_s":1.5},{"start_s":2.0,"end_s":2.5}])");
}

TEST(Black, OneBlackFrameIsReportedWhenItLastsLongEnough) {
  EXPECT_EQ(black(TimelineBuilder(10).add(scene(1)).add(flat(0)).add(scene(1)).timeline()),
            R"([{"start_s":0.1,"end_s":0.2}])");
  EXPECT_EQ(black(TimelineBuilder(20).add(scene(1)).add(flat(0)).add(scene(1)).timeline()), "[]");
  EXPECT_EQ(black(TimelineBuilder(10).add(flat(0)).timeline()), R"([{"start_s":0.0,"end_s":0.1}])");
}

TEST(Black, ToleratesAFewBrightPixels) {
  const auto clock = test::with_box(flat(0), 100, 60, 12, 12, 255);   // 1.6 %
  const auto banner = test::with_box(flat(0), 100, 50, 16, 12, 255);  // 2.1 %
  EXPECT_NE(black(TimelineBuilder().add(clock, 25).timeline()), "[]");
  EXPECT_EQ(black(TimelineBuilder().add(banner, 25).timeline()), "[]");
}

TEST(Black, TheLevelIsTenPercentOfTheRange) {
  EXPECT_NE(black(TimelineBuilder().add(flat(25), 25).timeline()), "[]");
  EXPECT_EQ(black(TimelineBuilder().add(flat(27), 25).timeline()), "[]");
}

TEST(Black, AnotherLevelReadsTheHistogram) {
  TimelineBuilder timeline;
  timeline.add(flat(49), 25);
  EXPECT_NE(black(timeline.timeline(), {{"level", "0.2"}}), "[]");
  EXPECT_EQ(black(timeline.timeline(), {{"level", "0.15"}}), "[]");
  EXPECT_NE(black(TimelineBuilder().add(flat(255), 25).timeline(), {{"level", "1"}}), "[]");
}

TEST(Black, TheHistogramAgreesWithTheExactShareAtTheSameLevel) {
  for (const int level : {0, 10, 20, 30, 100})
    EXPECT_NEAR(black_share(features_of(flat(level)), 0.1000001),
                features_of(flat(level)).black_share, 0.01)
        << level;
}

}  // namespace
}  // namespace reelmill
