// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/course.h"

#include <numeric>

#include <gmock/gmock.h>

namespace reelmill {
namespace {

using testing::Each;
using testing::Optional;

constexpr std::size_t kFrames = 100;

/// A hundred frames of which one, or none, costs so much that packets tell of a change.
class GroupOfFrames {
 public:
  explicit GroupOfFrames(std::size_t change = 0) : display_(kFrames) {
    std::iota(display_.begin(), display_.end(), 0);
    facts_.next_key_bytes = 1000;
    for (const auto pts : display_) facts_.packets.push_back({pts, 20});
    if (change > 0) facts_.packets[change].bytes = 700;
    facts_.packets.front().bytes = 1000;
  }

  GroupView view() const { return {facts_, display_, key_, &key_}; }

  PacketGroup facts_;

 private:
  std::vector<std::int64_t> display_;
  const FrameFeatures key_;
};

TEST(Course, WithoutAChangeIsTheKeyFrameAlone) {
  const GroupOfFrames group;
  const auto course = plan_course(group.view());
  EXPECT_EQ(course.last, std::nullopt);
  EXPECT_FALSE(course.ends_with_change);
}

TEST(Course, EndsAMarginBeyondTheLastChange) {
  const GroupOfFrames group(40);
  EXPECT_THAT(plan_course(group.view()).last, Optional(40 + kMargin));
}

TEST(Course, LeavesNoFrameOutAroundASuddenChangeAndBeforeItsEnd) {
  const GroupOfFrames group(40);
  const auto course = plan_course(group.view());
  for (std::size_t i = 1; i < kFrames; ++i) {
    const bool is_around = i >= 40 - kClose && i <= 40 + kClose;
    const bool is_at_end = i >= 40 + kMargin - kCloseToEnd && i <= 40 + kMargin;
    EXPECT_EQ(course.is_close[i], is_around || is_at_end) << i;
  }
}

TEST(Course, EndsWithTheGroupWhereTheMarginWouldBeLonger) {
  const GroupOfFrames group(95);
  const auto course = plan_course(group.view());
  EXPECT_THAT(course.last, Optional(kFrames - 1));
  EXPECT_TRUE(course.ends_with_change);
}

TEST(Course, SeesATransitionAcrossItsKeyFrameToTheEnd) {
  const GroupOfFrames group;
  auto view = group.view();
  view.begins_with_change = true;
  EXPECT_THAT(plan_course(view).last, Optional(kMargin));
}

TEST(Course, BesideABlankPictureIsTheWholeGroup) {
  GroupOfFrames group;
  group.facts_.is_beside_blank = true;
  const auto course = plan_course(group.view());
  EXPECT_THAT(course.last, Optional(kFrames - 1));
  EXPECT_TRUE(course.ends_with_change);
}

TEST(Course, OfEveryFrameLeavesNoneOut) {
  const auto course = whole_course(3);
  EXPECT_THAT(course.last, Optional(2));
  EXPECT_THAT(course.is_close, Each(true));
  EXPECT_TRUE(course.runs_on);
}

}  // namespace
}  // namespace reelmill
