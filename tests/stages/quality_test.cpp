// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/quality.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/support/scan.h"
#include "tests/support/synthetic.h"

namespace reelmill {
namespace {

using test::flat;
using test::scene;
using test::TimelineBuilder;

Json quality(const Timeline& timeline,
             const std::vector<std::pair<std::string, std::string>>& options = {}) {
  const auto found = test::configured("quality", options).detector->detect(timeline);
  EXPECT_TRUE(found);
  return found ? *found->find("quality") : Json();
}

TEST(Quality, IsNullWithoutAPicture) {
  EXPECT_TRUE(quality(TimelineBuilder().timeline()).is_null());
  EXPECT_TRUE(quality(TimelineBuilder().add(flat(0), 50).timeline()).is_null());
}

TEST(Quality, DescribesAPlainPicture) {
  const auto found = quality(TimelineBuilder().add(flat(100), 10).timeline());
  EXPECT_EQ(found["exposure"]["mean_luma"], 100.0);
  EXPECT_EQ(found["exposure"]["contrast"], 0.0);
  EXPECT_EQ(found["exposure"]["underexposed"], 0.0);
  EXPECT_EQ(found["sharpness"]["mean"], 0.0);
  EXPECT_EQ(found["blurred"], 0.0) << "a picture without content cannot be blurred";
}

TEST(Quality, TellsBlurredFromSharp) {
  test::Image soft = flat(0);
  for (int y = 0; y < soft.height; ++y)
    for (int x = 0; x < soft.width; ++x)
      soft.luma[static_cast<std::size_t>(y * soft.width + x)] = static_cast<std::uint8_t>(60 + x);
  const auto found = quality(TimelineBuilder().add(soft, 30).add(scene(1), 10).timeline());
  EXPECT_EQ(found["blurred"], 0.75);
  EXPECT_LT(found["sharpness"]["p50"].get<double>(), 10);
  EXPECT_GT(found["sharpness"]["mean"].get<double>(), 10);
}

TEST(Quality, TellsUnderexposedAndOverexposedFrames) {
  const auto dark = with_box(flat(5), 0, 0, 128, 30, 80);
  const auto bright = with_box(flat(250), 0, 0, 128, 30, 80);
  const auto found =
      quality(TimelineBuilder().add(dark, 10).add(bright, 10).add(scene(1), 20).timeline());
  EXPECT_EQ(found["exposure"]["underexposed"], 0.25);
  EXPECT_EQ(found["exposure"]["overexposed"], 0.25);
}

TEST(Quality, BlackFramesSayNothing) {
  const auto without = quality(TimelineBuilder().add(scene(1), 10).timeline());
  const auto with = quality(TimelineBuilder().add(flat(0), 90).add(scene(1), 10).timeline());
  EXPECT_EQ(without, with);
}

TEST(LogHistogram, TellsPercentilesToWithinThreePercent) {
  std::mt19937 random(7);
  std::vector<float> values;
  LogHistogram histogram;
  for (int i = 0; i < 20000; ++i) {
    values.push_back(std::exp(static_cast<float>(random() % 12000) / 1000.0F));
    histogram.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.01, 0.1, 0.5, 0.9, 0.99}) {
    const auto exact = values[static_cast<std::size_t>(share * 20000)];
    EXPECT_NEAR(histogram.percentile(share), exact, 0.03 * (1 + exact)) << share;
  }
}

TEST(LogHistogram, CountsWhatIsOutOfRangeAtItsEnds) {
  LogHistogram histogram;
  EXPECT_EQ(histogram.percentile(0.5), 0);
  histogram.add(-5);
  histogram.add(std::numeric_limits<float>::quiet_NaN());
  EXPECT_LT(histogram.percentile(1), 0.1);
  histogram.add(1e30F);
  EXPECT_GT(histogram.percentile(1), 1e7);
}

}  // namespace
}  // namespace reelmill
