// SPDX-License-Identifier: Apache-2.0
#include "media/frame_features.h"

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/simd_target.h"

namespace reelmill {
namespace {

using test::OnlyTarget;
using test::targets_of_this_machine;

constexpr unsigned kSeed = 20240229;

/// A luma plane in a block of memory that ends right behind its last sample, so that a sanitizer
/// sees every read outside.
struct Plane {
  std::vector<std::byte> memory;
  LumaView view;
};

struct Shape {
  int width = 0, height = 0, bit_depth = 8;
  std::ptrdiff_t padding = 0;  // bytes between rows
  std::ptrdiff_t shift = 0;    // bytes before the first row
  bool is_full_range = false;
  bool is_upside_down = false;  // negative stride
};

std::string describe(const Shape& shape) {
  return std::to_string(shape.width) + "x" + std::to_string(shape.height) + " at " +
         std::to_string(shape.bit_depth) + " bits, padding " + std::to_string(shape.padding) +
         ", shift " + std::to_string(shape.shift) + (shape.is_full_range ? ", full" : ", limited") +
         (shape.is_upside_down ? ", upside down" : "");
}

template <class Sample>  // int(int x, int y)
Plane make_plane(const Shape& shape, Sample sample) {
  Plane plane;
  const std::ptrdiff_t bytes = shape.bit_depth > 8 ? 2 : 1;
  const std::ptrdiff_t row = shape.width * bytes, stride = row + shape.padding;
  plane.memory.resize(static_cast<std::size_t>(shape.shift + stride * (shape.height - 1) + row));
  plane.memory.shrink_to_fit();
  auto* first = plane.memory.data() + shape.shift;
  if (shape.is_upside_down) first += stride * (shape.height - 1);
  plane.view = {first,           shape.is_upside_down ? -stride : stride,
                shape.width,     shape.height,
                shape.bit_depth, shape.is_full_range};
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      const auto value = static_cast<std::uint16_t>(sample(x, y));
      auto* to = first + y * plane.view.stride + x * bytes;
      if (bytes == 1) {
        *to = static_cast<std::byte>(value);
      } else {
        std::memcpy(to, &value, sizeof value);
      }
    }
  }
  return plane;
}

Plane random_plane(const Shape& shape, std::mt19937& random) {
  const int white = (1 << shape.bit_depth) - 1;
  // Three kinds: noise over all codes, extremes only, and smooth with a little noise.
  const int kind = static_cast<int>(random() % 3);
  const int base = static_cast<int>(random() % static_cast<unsigned>(white + 1));
  return make_plane(shape, [&](int x, int y) {
    const auto noise = static_cast<int>(random());
    if (kind == 0) return noise & white;
    if (kind == 1) return (noise & 1) != 0 ? white : 0;
    return std::clamp(base + x - y + (noise & 3), 0, white);
  });
}

Plane flat_plane(const Shape& shape, int value) {
  return make_plane(shape, [&](int, int) { return value; });
}

bool same_bits(const FrameFeatures& a, const FrameFeatures& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

class FrameFeaturesOnTarget : public testing::TestWithParam<std::int64_t> {
 protected:
  OnlyTarget only_{GetParam()};
  std::mt19937 random_{kSeed};

  void expect_same(const Shape& shape) {
    const auto plane = random_plane(shape, random_);
    const auto fast = compute_frame_features(plane.view);
    ASSERT_TRUE(same_bits(fast, compute_frame_features_reference(plane.view)))
        << describe(shape) << ", seed " << kSeed;
  }
};

TEST_P(FrameFeaturesOnTarget, EqualTheReferenceForEverySmallSize) {
  for (int height = 1; height <= 35; ++height) {
    for (int width = 1; width <= 67; ++width) {
      expect_same({.width = width, .height = height, .is_full_range = width % 2 == 0});
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(FrameFeaturesOnTarget, EqualTheReferenceForRandomSizesDepthsAndAlignments) {
  for (int i = 0; i < 400; ++i) {
    Shape shape;
    shape.width = 1 + static_cast<int>(random_() % 400);
    shape.height = 1 + static_cast<int>(random_() % 90);
    shape.bit_depth = 8 + static_cast<int>(random_() % 9);
    shape.padding = static_cast<std::ptrdiff_t>(random_() % 70);
    shape.shift = static_cast<std::ptrdiff_t>(random_() % 66);
    shape.is_full_range = random_() % 2 == 0;
    shape.is_upside_down = random_() % 4 == 0;
    expect_same(shape);
    if (HasFatalFailure()) return;
  }
}

TEST_P(FrameFeaturesOnTarget, EqualTheReferenceWhereSumsAreLargest) {
  // White throughout, and the largest Laplacian there is, in frames so wide and so high that
  // every running sum must be emptied on the way.
  for (const int bit_depth : {8, 10, 16}) {
    for (const auto& [width, height] : {std::pair{17000, 40}, std::pair{70, 5000}}) {
      const Shape shape{.width = width, .height = height, .bit_depth = bit_depth};
      const int white = (1 << bit_depth) - 1;
      const auto flat = flat_plane(shape, white);
      const auto checkers =
          make_plane(shape, [&](int x, int y) { return (x + y) % 2 == 0 ? white : 0; });
      const auto black = flat_plane(shape, 0);
      for (const auto* plane : {&flat, &checkers, &black}) {
        ASSERT_TRUE(same_bits(compute_frame_features(plane->view),
                              compute_frame_features_reference(plane->view)))
            << describe(shape);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, FrameFeaturesOnTarget, testing::ValuesIn(targets_of_this_machine()),
                         [](const auto& target) { return hwy::TargetName(target.param); });

TEST(FrameFeatures, OfBlackAndWhiteLimitedRangeAreTheEndsOfTheScale) {
  for (const int bit_depth : {8, 10, 12, 16}) {
    const Shape shape{.width = 96, .height = 54, .bit_depth = bit_depth};
    const auto black = compute_frame_features(flat_plane(shape, 16 << (bit_depth - 8)).view);
    EXPECT_EQ(black.mean, 0.0F) << bit_depth;
    EXPECT_EQ(black.black_share, 1.0F);
    EXPECT_EQ(black.dark_share, 1.0F);
    EXPECT_EQ(black.bright_share, 0.0F);
    EXPECT_EQ(black.histogram.front(), 65535);
    EXPECT_EQ(black.picture.front(), 0);
    const auto white = compute_frame_features(flat_plane(shape, 235 << (bit_depth - 8)).view);
    EXPECT_EQ(white.mean, 255.0F) << bit_depth;
    EXPECT_EQ(white.black_share, 0.0F);
    EXPECT_EQ(white.bright_share, 1.0F);
    EXPECT_EQ(white.histogram.back(), 65535);
    EXPECT_EQ(white.picture.back(), 255 * 256);
    EXPECT_EQ(white.deviation, 0.0F);
    EXPECT_EQ(white.sharpness, 0.0F);
  }
}

TEST(FrameFeatures, OfCodesBeyondLimitedRangeAreClamped) {
  const Shape shape{.width = 64, .height = 36};
  EXPECT_EQ(compute_frame_features(flat_plane(shape, 0).view).mean, 0.0F);
  EXPECT_EQ(compute_frame_features(flat_plane(shape, 255).view).mean, 255.0F);
  EXPECT_EQ(compute_frame_features(flat_plane(shape, 255).view).picture[0], 255 * 256);
}

TEST(FrameFeatures, OfFullRangeAreTheCodesThemselves) {
  const Shape shape{.width = 64, .height = 36, .is_full_range = true};
  const auto features = compute_frame_features(flat_plane(shape, 100).view);
  EXPECT_EQ(features.mean, 100.0F);
  EXPECT_EQ(features.picture[17], 100 * 256);
  EXPECT_EQ(features.histogram[25], 65535);
}

TEST(FrameFeatures, CountAsBlackUpToATenthOfTheNominalRange) {
  const Shape limited{.width = 40, .height = 20};
  EXPECT_EQ(compute_frame_features(flat_plane(limited, 37).view).black_share, 1.0F);
  EXPECT_EQ(compute_frame_features(flat_plane(limited, 38).view).black_share, 0.0F);
  const Shape full{.width = 40, .height = 20, .is_full_range = true};
  EXPECT_EQ(compute_frame_features(flat_plane(full, 25).view).black_share, 1.0F);
  EXPECT_EQ(compute_frame_features(flat_plane(full, 26).view).black_share, 0.0F);
}

TEST(FrameFeatures, MeasureShareMeanAndDeviationOfAHalfWhitePicture) {
  const Shape shape{.width = 128, .height = 72, .is_full_range = true};
  const auto plane = make_plane(shape, [](int x, int) { return x < 64 ? 0 : 255; });
  const auto features = compute_frame_features(plane.view);
  EXPECT_EQ(features.mean, 127.5F);
  EXPECT_EQ(features.deviation, 127.5F);
  EXPECT_EQ(features.black_share, 0.5F);
  EXPECT_EQ(features.bright_share, 0.5F);
  EXPECT_EQ(features.picture[15], 0);
  EXPECT_EQ(features.picture[16], 255 * 256);
  // Two columns of 126 have a Laplacian of 255.
  EXPECT_NEAR(features.sharpness, 255.0 * 255.0 * 2 / 126, 0.01);
}

TEST(FrameFeatures, OfTenBitsEqualThoseOfTheSamePictureInEightBits) {
  std::mt19937 random(kSeed);
  std::vector<int> codes(320 * 180);
  for (auto& code : codes) code = static_cast<int>(random() % 256);
  const auto at = [&](int x, int y) { return codes[static_cast<std::size_t>(y * 320 + x)]; };
  const auto eight = make_plane({.width = 320, .height = 180}, at);
  const auto ten = make_plane({.width = 320, .height = 180, .bit_depth = 10},
                              [&](int x, int y) { return at(x, y) * 4; });
  EXPECT_TRUE(same_bits(compute_frame_features(eight.view), compute_frame_features(ten.view)))
      << "seed " << kSeed;
}

TEST(FrameFeatures, OfAPictureSmallerThanTheGridRepeatItsSamples) {
  const Shape shape{.width = 1, .height = 1, .is_full_range = true};
  const auto features = compute_frame_features(flat_plane(shape, 200).view);
  EXPECT_EQ(features.width, 1);
  EXPECT_EQ(features.mean, 200.0F);
  for (const auto value : features.picture) EXPECT_EQ(value, 200 * 256);
}

TEST(FrameFeatures, OfNothingAreZero) {
  EXPECT_TRUE(same_bits(compute_frame_features({}), FrameFeatures{}));
  EXPECT_TRUE(same_bits(compute_frame_features_reference({}), FrameFeatures{}));
}

TEST(FrameFeatures, SumTheirHistogramToOne) {
  std::mt19937 random(kSeed);
  for (const auto& [width, height] : {std::pair{640, 360}, {1280, 720}, {99, 77}}) {
    const auto plane = random_plane({.width = width, .height = height}, random);
    const auto features = compute_frame_features(plane.view);
    int sum = 0;
    for (const auto share : features.histogram) sum += share;
    EXPECT_NEAR(sum, 65535, FrameFeatures::kBins / 2) << width << ", seed " << kSeed;
  }
}

TEST(PictureDifference, IsTheMeanOfAbsoluteDifferencesInLevels) {
  const Shape shape{.width = 64, .height = 36, .is_full_range = true};
  const auto dark = compute_frame_features(flat_plane(shape, 10).view);
  const auto light = compute_frame_features(flat_plane(shape, 35).view);
  EXPECT_EQ(picture_difference(dark, light), 25.0F);
  EXPECT_EQ(picture_difference(light, dark), 25.0F);
  EXPECT_EQ(picture_difference(dark, dark), 0.0F);
}

}  // namespace
}  // namespace reelmill
