// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stages/api/observer.h"
#include "tests/support/scan.h"
#include "tests/support/synthetic.h"

namespace reelmill {
namespace {

using test::flat;
using test::scene;
using test::TimelineBuilder;

std::string freeze(const Timeline& timeline,
                   const std::vector<std::pair<std::string, std::string>>& options = {}) {
  const auto found = test::configured("freeze", options).detector->detect(timeline);
  EXPECT_TRUE(found);
  return found ? found->find("freeze")->dump() : "";
}

TEST(Freeze, IsEmptyWithoutFramesAndForOneFrame) {
  EXPECT_EQ(freeze(TimelineBuilder().timeline()), "[]");
  EXPECT_EQ(freeze(TimelineBuilder().add_for(scene(1), 5000).timeline()), "[]");
}

TEST(Freeze, IsFoundFromTheFirstFrameToTheLast) {
  EXPECT_EQ(freeze(TimelineBuilder(10).add(scene(1), 30).timeline()),
            R"([{"start_s":0.0,"end_s":3.0}])");
}

TEST(Freeze, IsFoundBetweenMotion) {
  EXPECT_EQ(freeze(TimelineBuilder(10).pan(1, 20).add(scene(1, 20), 25).pan(2, 20).timeline()),
            R"([{"start_s":2.0,"end_s":4.5}])");
}

TEST(Freeze, ShorterThanTheLeastDurationIsNotReported) {
  TimelineBuilder builder(10);
  builder.pan(1, 20).add(scene(9), 19).pan(2, 20);
  EXPECT_EQ(freeze(builder.timeline()), "[]");
  EXPECT_EQ(freeze(builder.timeline(), {{"min_duration", "1900ms"}}),
            R"([{"start_s":2.0,"end_s":3.9}])");
}

TEST(Freeze, ASlowDriftIsNoFreeze) {
  TimelineBuilder builder(25);
  for (int i = 0; i < 250; ++i) builder.add(mix(scene(1), scene(2), static_cast<double>(i) / 250));
  EXPECT_EQ(freeze(builder.timeline()), "[]");
}

TEST(Freeze, ASmallThingThatMovesOnAStillGroundIsSeen) {
  TimelineBuilder builder(10);
  for (int i = 0; i < 50; ++i) builder.add(with_box(flat(100), 4 * (i % 30), 32, 4, 4, 140));
  EXPECT_EQ(freeze(builder.timeline()), "[]");
}

TEST(Freeze, AFaintFlickerIsStillAFreeze) {
  TimelineBuilder builder(10);
  for (int i = 0; i < 50; ++i) builder.add(with_box(flat(100), 40, 30, 12, 9, 100 + i % 2));
  EXPECT_EQ(freeze(builder.timeline()), R"([{"start_s":0.0,"end_s":5.0}])");
}

TEST(Freeze, MoreNoiseCanBeAllowed) {
  TimelineBuilder builder(10);
  for (int i = 0; i < 50; ++i) builder.add(flat(100 + i % 2));
  EXPECT_EQ(freeze(builder.timeline()), "[]");
  EXPECT_EQ(freeze(builder.timeline(), {{"noise", "-45"}}), R"([{"start_s":0.0,"end_s":5.0}])");
}

TEST(Freeze, ALongHeldFrameOfAVariableRateCountsWithItsTime) {
  TimelineBuilder builder;
  for (int i = 0; i < 10; ++i) builder.add_for(scene(1, i), 40);
  builder.add_for(scene(2), 1000).add_for(scene(2), 1500);
  for (int i = 0; i < 10; ++i) builder.add_for(scene(1, i), 40);
  EXPECT_EQ(freeze(builder.timeline()), R"([{"start_s":0.4,"end_s":2.9}])");
}

}  // namespace
}  // namespace reelmill
