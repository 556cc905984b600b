// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/displacement.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/synthetic.h"

namespace reelmill {
namespace {

using test::scene;

constexpr int kPixelsACell = 4;  // of a synthetic image

Displacement between(const test::Image& a, const test::Image& b) {
  return best_displacement(cell_levels(test::features_of(a)), cell_levels(test::features_of(b)));
}

test::Image boxed(test::Image image) {
  return test::with_box(test::with_box(std::move(image), 0, 0, 128, 12, 0), 0, 60, 128, 12, 0);
}

TEST(Displacement, OfAPictureThatMovedIsWhereItWent) {
  for (const int cells : {-8, -3, 1, 8}) {
    const auto found = between(scene(5), scene(5, -cells * kPixelsACell));
    EXPECT_EQ(found.across, cells);
    EXPECT_EQ(found.down, 0);
    EXPECT_GT(found.likeness, 0.7F);
    EXPECT_TRUE(found.shows_the_same());
    EXPECT_FALSE(found.is_none());
  }
}

TEST(Displacement, IsFoundDownwards) {
  const auto image = scene(7);
  auto lower = image;
  std::copy_backward(image.luma.begin(), image.luma.end() - 12 * image.width, lower.luma.end());
  const auto found = between(image, lower);
  EXPECT_EQ(found.across, 0);
  EXPECT_EQ(found.down, 3);
  EXPECT_GT(found.likeness, 0.7F);
}

TEST(Displacement, BeyondAQuarterOfThePictureIsNotLookedFor) {
  EXPECT_FALSE(between(scene(5), scene(5, 60)).shows_the_same());
}

TEST(Displacement, OfUnrelatedPicturesShowsNotTheSame) {
  for (unsigned number = 1; number <= 20; ++number)
    EXPECT_LT(between(scene(number), scene(number + 1)).likeness, 0.5F) << number;
}

TEST(Displacement, LeavesBarsOut) {
  for (unsigned number = 1; number <= 20; ++number)
    EXPECT_LT(between(boxed(scene(number)), boxed(scene(number + 1))).likeness, 0.5F) << number;
}

TEST(Displacement, OfEvenPicturesShowsNotTheSame) {
  EXPECT_FALSE(between(test::flat(90), test::flat(150)).shows_the_same());
  EXPECT_FALSE(between(test::flat(90), test::flat(90)).shows_the_same());
  EXPECT_FALSE(between(boxed(test::flat(90)), boxed(test::flat(150))).shows_the_same());
}

TEST(Displacement, IsNoneWhereOnlyTheLightChanges) {
  const auto found = between(scene(5), test::lit(scene(5), 20));
  EXPECT_TRUE(found.is_none());
  EXPECT_GT(found.likeness, 0.8F);
}

TEST(Displacement, LeavesOutWhatStays) {
  const auto with_band = [](test::Image image) {
    image = test::with_box(std::move(image), 0, 48, 128, 24, 250);
    for (int x = 8; x < 120; x += 16) image = test::with_box(std::move(image), x, 54, 8, 12, 5);
    return image;
  };
  for (unsigned number = 1; number <= 20; ++number)
    EXPECT_LT(between(with_band(scene(number)), with_band(scene(number + 1))).likeness, 0.5F)
        << number;
}

TEST(Displacement, DoesNotDependOnTheLight) {
  const auto found = between(scene(5), test::lit(scene(5, 12), -20));
  EXPECT_EQ(found.across, -3);
  EXPECT_GT(found.likeness, 0.9F);
}

}  // namespace
}  // namespace reelmill
