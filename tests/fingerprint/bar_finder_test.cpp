// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/bar_finder.h"

#include <gtest/gtest.h>

#include "tests/fingerprint/pictures.h"

namespace reelmill {
namespace {

std::optional<PictureArea> area_of(const std::function<test::Level(unsigned)>& picture) {
  BarFinder finder;
  for (unsigned i = 0; i < 12; ++i) finder.add(test::shrunk(picture(i)));
  return finder.area();
}

class Bars : public ::testing::TestWithParam<PictureArea> {};

TEST_P(Bars, AreMeasuredWithinFiftiethsOfThePicture) {
  const auto& wanted = GetParam();
  const auto found = area_of([&](unsigned i) { return test::framed(test::scene(i), wanted); });
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->left, wanted.left, 0.02);
  EXPECT_NEAR(found->top, wanted.top, 0.02);
  EXPECT_NEAR(found->right, wanted.right, 0.02);
  EXPECT_NEAR(found->bottom, wanted.bottom, 0.02);
  EXPECT_NEAR(found->bar_level, wanted.bar_level, 1);
}

INSTANTIATE_TEST_SUITE_P(
    All, Bars,
    ::testing::Values(PictureArea{0, 0.125, 1, 0.875, 0}, PictureArea{0, 0.2, 1, 0.8, 16},
                      PictureArea{0.125, 0, 0.875, 1, 128}, PictureArea{0.34, 0, 0.66, 1, 0},
                      PictureArea{0.1, 0.09, 0.9, 0.91, 255}, PictureArea{0, 0.3, 1, 1, 60}));

TEST(BarFinder, FindsNoneAroundAPictureThatFillsTheFrame) {
  EXPECT_FALSE(area_of([](unsigned i) { return test::scene(i); }));
}

TEST(BarFinder, FindsNoneInAPlainVideo) {
  EXPECT_FALSE(area_of([](unsigned) -> test::Level { return [](double, double) { return 16; }; }));
}

TEST(BarFinder, ADarkEdgeThatIsLitOnceIsNoBar) {
  const PictureArea dark{0, 0.2, 1, 0.8, 10};
  EXPECT_FALSE(area_of(
      [&](unsigned i) { return i == 7 ? test::scene(i) : test::framed(test::scene(i), dark); }));
}

TEST(BarFinder, ALineOfTextOnBlackIsNoPictureInBars) {
  EXPECT_FALSE(area_of(
      [](unsigned i) { return test::framed(test::scene(i), PictureArea{0, 0.45, 1, 0.55, 0}); }));
}

}  // namespace
}  // namespace reelmill
