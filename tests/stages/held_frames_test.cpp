// SPDX-License-Identifier: Apache-2.0
#include "stages/api/held_frames.h"

#include <cmath>

#include <gtest/gtest.h>

#include "media/mixed_features.h"

namespace reelmill {
namespace {

/// Brighter from left to right, or with `is_striped` one that has nothing in common with these.
FrameFeatures picture(int level, bool is_striped = false) {
  FrameFeatures features;
  features.mean = static_cast<float>(level);
  for (std::size_t i = 0; i < features.picture.size(); ++i)
    features.picture[i] =
        static_cast<std::uint16_t>(256 * (is_striped ? i % 2 * 200 : level + 2 * (i % 32)));
  return features;
}

class HeldFramesTest : public testing::Test {
 protected:
  void show(std::int64_t pts, const FrameFeatures& features) {
    TimelineFrame frame;
    frame.pts = pts;
    frame.features = features;
    ASSERT_TRUE(held_.append(timeline_, frame));
  }
  std::vector<int> levels() const {
    std::vector<int> found;
    auto reader = timeline_.read();
    while (const auto* frame = reader.next()) {
      EXPECT_EQ(frame->pts, static_cast<std::int64_t>(found.size()));
      found.push_back(static_cast<int>(std::lround(frame->features.mean)));
    }
    return found;
  }

  Timeline timeline_{{1, 25}, std::filesystem::temp_directory_path()};
  HeldFrames held_;
};

TEST_F(HeldFramesTest, OnTheWayLieEvenlyBetweenTheirNeighbours) {
  show(0, picture(100));
  for (int i = 1; i < 4; ++i) held_.hold(i, Held::on_the_way);
  show(4, picture(120));
  EXPECT_EQ(levels(), (std::vector{100, 105, 110, 115, 120}));
}

TEST_F(HeldFramesTest, AsBeforeShowWhatWasShownLast) {
  show(0, picture(100));
  for (int i = 1; i < 4; ++i) held_.hold(i, Held::as_before);
  show(4, picture(120));
  EXPECT_EQ(levels(), (std::vector{100, 100, 100, 100, 120}));
}

TEST_F(HeldFramesTest, BeforeACutNoneIsOnTheWay) {
  show(0, picture(100));
  held_.hold(1, Held::on_the_way);
  held_.hold(2, Held::as_before);
  show(3, picture(160));
  EXPECT_EQ(levels(), (std::vector{100, 100, 100, 160}));
}

TEST_F(HeldFramesTest, AFewBetweenDifferentPicturesHideACut) {
  show(0, picture(100));
  for (int i = 1; i < 4; ++i) held_.hold(i, Held::on_the_way);
  show(4, picture(200, true));
  EXPECT_EQ(levels(), (std::vector{100, 100, 100, 100, 200}));
}

TEST_F(HeldFramesTest, AtTheEndShowWhatWasShownLast) {
  show(0, picture(100));
  held_.hold(1, Held::on_the_way);
  ASSERT_TRUE(held_.finish(timeline_));
  EXPECT_EQ(levels(), (std::vector{100, 100}));
}

TEST(MixedFeatures, LieOnTheLineButKeepTheirContrast) {
  auto a = picture(40), b = picture(80);
  a.deviation = 10;
  b.deviation = 70;
  const auto half = mixed_features(a, b, 0.5F);
  EXPECT_FLOAT_EQ(half.mean, 60);
  EXPECT_EQ(half.picture[0], 60 * 256);
  EXPECT_FLOAT_EQ(half.deviation, 50);  // root of the mean square, where a mixture has 40
  EXPECT_FLOAT_EQ(mixed_features(a, b, 0).deviation, 10);
  EXPECT_FLOAT_EQ(mixed_features(a, b, 1).deviation, 70);
}

}  // namespace
}  // namespace reelmill
