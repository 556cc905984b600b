// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/motion.h"

#include <gtest/gtest.h>

#include "tests/support/synthetic.h"

namespace reelmill {
namespace {

using test::scene;
using test::TimelineBuilder;

Json motion_of(const TimelineBuilder& video) {
  return *MotionDetector(MotionOptions{}).detect(video.timeline()).value().find("motion");
}

TEST(Motion, APictureThatStandsStillHasNone) {
  const auto found = motion_of(TimelineBuilder().add(scene(1), 100));
  EXPECT_EQ(found["mean"], 0.0);
  EXPECT_EQ(found["still_share"], 1.0);
}

TEST(Motion, AFasterPanHasMore) {
  const auto slow = motion_of(TimelineBuilder().pan(1, 100, 1));
  const auto fast = motion_of(TimelineBuilder().pan(1, 100, 3));
  EXPECT_GT(slow["mean"].get<double>(), 0.25);
  EXPECT_GT(fast["mean"].get<double>(), 1.8 * slow["mean"].get<double>());
  EXPECT_EQ(slow["still_share"], 0.0);
}

TEST(Motion, TheSecondWithMostIsNamed) {
  const auto found =
      motion_of(TimelineBuilder().add(scene(1), 75).pan(1, 25, 3).add(scene(1, 75), 100));
  EXPECT_NEAR(found["most_at_s"].get<double>(), 3, 0.05);
  EXPECT_NEAR(found["still_share"].get<double>(), 7.0 / 8, 0.01);
}

TEST(Motion, CutsAreNoMotion) {
  TimelineBuilder video;
  for (unsigned i = 0; i < 10; ++i) video.add(test::flat(i % 2 == 0 ? 0 : 255), 20);
  EXPECT_EQ(motion_of(video)["mean"], 0.0);
}

TEST(Motion, OneFrameIsTooFewToTell) {
  EXPECT_TRUE(motion_of(TimelineBuilder().add(scene(1))).is_null());
}

}  // namespace
}  // namespace reelmill
