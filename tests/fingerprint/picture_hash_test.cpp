// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/picture_hash.h"

#include <gtest/gtest.h>

#include "tests/fingerprint/pictures.h"

namespace reelmill {
namespace {

using test::cropped;
using test::scene;
using test::shrunk;

PictureHash hash_of(const test::Level& picture) {
  return PictureHasher().hash(shrunk(picture));
}

double mean_rate(const std::function<test::Level(const test::Level&)>& change) {
  constexpr unsigned kScenes = 40;
  double sum = 0;
  for (unsigned i = 0; i < kScenes; ++i)
    sum += distance(hash_of(scene(i)), hash_of(change(scene(i)))).rate();
  return sum / kScenes;
}

TEST(PictureHash, UnrelatedPicturesDifferInHalfOfTheirSigns) {
  double sum = 0;
  int pairs = 0;
  for (unsigned a = 0; a < 30; ++a) {
    for (unsigned b = 0; b < a; ++b, ++pairs) {
      const double rate = distance(hash_of(scene(a)), hash_of(scene(b))).rate();
      EXPECT_GT(rate, 0.15) << a << " and " << b;
      sum += rate;
    }
  }
  EXPECT_NEAR(sum / pairs, 0.5, 0.05);
}

TEST(PictureHash, BrightnessAndContrastChangeNothing) {
  EXPECT_LT(mean_rate([](const test::Level& picture) {
              return [=](double x, double y) { return 20 + 0.6 * picture(x, y); };
            }),
            0.01);
}

TEST(PictureHash, ACropOfFivePercentLeavesMostSigns) {
  EXPECT_LT(mean_rate([](const test::Level& picture) {
              return cropped(picture, 0.025, 0.025, 0.975, 0.975);
            }),
            0.12);
}

TEST(PictureHash, ASmallLogoLeavesMostSigns) {
  EXPECT_LT(mean_rate([](const test::Level& picture) -> test::Level {
              return [=](double x, double y) {
                return x > 0.82 && x < 0.97 && y > 0.05 && y < 0.17 ? 255 : picture(x, y);
              };
            }),
            0.12);
}

TEST(PictureHash, NoiseTurnsWeakSignsOnly) {
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0, 2);
  double sum = 0;
  for (unsigned i = 0; i < 40; ++i) {
    auto picture = shrunk(scene(i));
    const auto before = PictureHasher().hash(picture);
    for (float& cell : picture) cell += noise(random);
    sum += distance(before, PictureHasher().hash(picture)).rate();
  }
  EXPECT_LT(sum / 40, 0.01);
}

TEST(PictureHash, APlainPictureSaysNothing) {
  for (const double level : {0.0, 16.0, 128.0, 255.0}) {
    const auto hash = hash_of([=](double, double) { return level; });
    EXPECT_EQ(hash.strong_bits(), 0);
    EXPECT_EQ(distance(hash, hash).rate(), 0.5) << "two blank pictures are not alike";
  }
}

TEST(PictureHash, ATurnedPictureHashesAsItIsShown) {
  // Turned by the given angle clockwise, the stored picture looks like the upright one.
  const auto upright = scene(5);
  const std::vector<std::pair<int, test::Level>> stored = {
      {0, upright},
      {90, [=](double x, double y) { return upright(1 - y, x); }},
      {180, [=](double x, double y) { return upright(1 - x, 1 - y); }},
      {270, [=](double x, double y) { return upright(y, 1 - x); }}};
  const auto expected = hash_of(upright);
  for (const auto& [rotation, picture] : stored) {
    const auto hash = PictureHasher({}, rotation).hash(shrunk(picture));
    EXPECT_LT(distance(hash, expected).rate(), 0.05) << rotation;
    EXPECT_GT(distance(hash, expected).compared, 40) << rotation;
  }
}

TEST(PictureHash, TheInsideOfBarsHashesAsThePictureItself) {
  for (const PictureArea area :
       {PictureArea{0, 0.13, 1, 0.87, 0}, PictureArea{0.21, 0, 0.79, 1, 90},
        PictureArea{0.1, 0.07, 0.9, 0.93, 16}}) {
    for (unsigned i = 0; i < 10; ++i) {
      const auto framed = shrunk(test::framed(scene(i), area));
      EXPECT_LT(distance(PictureHasher(area).hash(framed), hash_of(scene(i))).rate(), 0.1) << i;
    }
  }
}

}  // namespace
}  // namespace reelmill
