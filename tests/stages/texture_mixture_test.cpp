// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/texture_mixture.h"

#include <array>

#include <gtest/gtest.h>

#include "tests/support/synthetic.h"

namespace reelmill {
namespace {

using test::scene;

CellLevels levels(const test::Image& image) {
  return cell_levels(test::features_of(image));
}

/// `at` gives the picture at each share of the way.
template <class At>
TextureMixture along(const At& at) {
  std::array<CellLevels, 3> pictures;
  std::array<BetweenFrame, 3> between{};
  for (std::size_t i = 0; i < between.size(); ++i) {
    const auto share = static_cast<float>(i + 1) / 4;
    pictures[i] = levels(at(share));
    between[i] = {&pictures[i], share};
  }
  return texture_mixture(levels(at(0.0F)), levels(at(1.0F)), between);
}

TEST(TextureMixture, OfTwoPicturesLosesWhatItShouldAndLiesOnTheLine) {
  for (unsigned number = 1; number <= 8; ++number) {
    const auto found =
        along([&](float share) { return test::mix(scene(number), scene(number + 1), share); });
    EXPECT_NEAR(found.loss, 1, 0.1) << number;
    EXPECT_LT(found.deviation, 0.02F) << number;
    EXPECT_GT(found.changed_share, 0.2F) << number;
    EXPECT_LT(found.likeness, 0.5F) << number;
  }
}

TEST(TextureMixture, OfPicturesThatMoveLosesAsMuch) {
  for (unsigned number = 1; number <= 8; ++number) {
    const auto found = along([&](float share) {
      const auto pixels = static_cast<int>(24 * share);
      return test::mix(scene(number, pixels), scene(number + 1, pixels), share);
    });
    EXPECT_NEAR(found.loss, 1, 0.35) << number;
    EXPECT_GT(found.deviation, 0.05F) << number;
  }
}

TEST(TextureMixture, IsNotWhatMotionMakes) {
  for (unsigned number = 1; number <= 8; ++number) {
    const auto found =
        along([&](float share) { return scene(number, static_cast<int>(24 * share)); });
    EXPECT_LT(found.loss, 0.65F) << number;
    EXPECT_GT(found.deviation, 0.2F) << number;
  }
}

TEST(TextureMixture, HasNoPartInAChangeOfLight) {
  const auto found =
      along([](float share) { return test::lit(test::flat(60), static_cast<int>(120 * share)); });
  EXPECT_EQ(found.changed_share, 0);
  EXPECT_LT(found.loss, 0.1F);
  EXPECT_LT(along([](float share) {
              return test::lit(scene(4), static_cast<int>(40 * share));
            }).changed_share,
            0.1F);
}

TEST(TextureMixture, OfAnObjectThatFadesInIsASmallShare) {
  const auto object = test::with_box(scene(3), 40, 20, 24, 16, 230);
  const auto found = along([&](float share) { return test::mix(scene(3), object, share); });
  EXPECT_LT(found.changed_share, 0.16F);
  EXPECT_GT(found.likeness, 0.3F);
}

TEST(TextureMixture, OfNothingBetweenIsNone) {
  const auto found = texture_mixture(levels(scene(1)), levels(scene(2)), {});
  EXPECT_EQ(found.loss, 0);
  EXPECT_EQ(found.deviation, 0);
}

}  // namespace
}  // namespace reelmill
