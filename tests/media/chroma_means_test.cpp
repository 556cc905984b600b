// SPDX-License-Identifier: Apache-2.0
#include "media/chroma_means.h"

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/highway.h>

namespace reelmill {
namespace {

constexpr unsigned kSeed = 20240301;

struct Shape {
  int width = 0, height = 0, bit_depth = 8;
  bool is_interleaved = false;
  std::ptrdiff_t padding = 0;  // bytes between rows
};

/// Two planes, or one of pairs, that end right behind their last sample, so that a sanitizer sees
/// every read outside.
struct Planes {
  std::vector<std::byte> blue, red;
  ChromaView view;
};

template <class Sample>  // int(int x, int y, bool of red)
Planes make_planes(const Shape& shape, Sample sample) {
  Planes planes;
  const int bytes = shape.bit_depth > 8 ? 2 : 1;
  const int step = shape.is_interleaved ? 2 * bytes : bytes;
  const std::ptrdiff_t row = std::ptrdiff_t{shape.width} * step, stride = row + shape.padding;
  const auto size = static_cast<std::size_t>(stride * (shape.height - 1) + row);
  planes.blue.resize(size);
  planes.blue.shrink_to_fit();
  if (!shape.is_interleaved) planes.red.resize(size);
  planes.red.shrink_to_fit();
  auto* red = shape.is_interleaved ? planes.blue.data() + bytes : planes.red.data();
  planes.view = {{planes.blue.data(), stride},
                 {red, stride},
                 shape.width,
                 shape.height,
                 shape.bit_depth,
                 step};
  const auto put = [&](std::byte* at, int value) {
    const auto wide = static_cast<std::uint16_t>(value);
    if (bytes == 1)
      *at = static_cast<std::byte>(value);
    else
      std::memcpy(at, &wide, sizeof wide);
  };
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) {
      const auto at = y * stride + std::ptrdiff_t{x} * step;
      put(planes.blue.data() + at, sample(x, y, false));
      put(red + at, sample(x, y, true));
    }
  return planes;
}

class ChromaMeansOnTarget : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override {
    hwy::SetSupportedTargetsForTest(GetParam());
    hwy::GetChosenTarget().Update(GetParam());
  }
  void TearDown() override {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  void expect_same(const Shape& shape, bool is_noise) {
    const int white = (1 << shape.bit_depth) - 1;
    const auto planes = make_planes(shape, [&](int, int, bool) {
      return is_noise ? static_cast<int>(random_()) & white : white;
    });
    ASSERT_EQ(compute_chroma_means(planes.view), compute_chroma_means_reference(planes.view))
        << shape.width << "x" << shape.height << " at " << shape.bit_depth << " bits, seed "
        << kSeed;
  }
  std::mt19937 random_{kSeed};
};

TEST_P(ChromaMeansOnTarget, EqualTheReferenceForEverySmallSize) {
  for (int height = 1; height <= 35; ++height)
    for (int width = 1; width <= 67; ++width)
      for (const int bit_depth : {8, 10}) {
        expect_same({width, height, bit_depth}, true);
        if (HasFatalFailure()) return;
      }
}

TEST_P(ChromaMeansOnTarget, EqualTheReferenceForRandomSizesDepthsAndStrides) {
  for (int i = 0; i < 400; ++i) {
    Shape shape;
    shape.width = 1 + static_cast<int>(random_() % 700);
    shape.height = 1 + static_cast<int>(random_() % 90);
    shape.bit_depth = 8 + static_cast<int>(random_() % 9);
    shape.is_interleaved = random_() % 4 == 0;
    shape.padding = 2 * static_cast<std::ptrdiff_t>(random_() % 35);
    expect_same(shape, true);
    if (HasFatalFailure()) return;
  }
}

TEST_P(ChromaMeansOnTarget, EqualTheReferenceWhereSumsAreLargest) {
  for (const int bit_depth : {8, 10, 16}) expect_same({40'000, 5, bit_depth}, false);
}

std::vector<std::int64_t> targets_of_this_machine() {
  std::vector<std::int64_t> targets;
  for (auto left = hwy::SupportedTargets(); left != 0; left &= left - 1)
    targets.push_back(left & -left);
  return targets;
}

INSTANTIATE_TEST_SUITE_P(All, ChromaMeansOnTarget, testing::ValuesIn(targets_of_this_machine()),
                         [](const auto& target) { return hwy::TargetName(target.param); });

TEST(ChromaMeans, OfAPictureInTwoColoursAreThoseColours) {
  const auto planes = make_planes({.width = 64, .height = 36}, [](int x, int, bool is_red) {
    return is_red ? 200 : x < 32 ? 60 : 180;
  });
  const auto means = compute_chroma_means(planes.view);
  EXPECT_EQ(means.cb[3], 60);
  EXPECT_EQ(means.cb[4], 180);
  EXPECT_EQ(means.cb[27], 60);
  EXPECT_EQ(means.cb[28], 180);
  for (const auto mean : means.cr) EXPECT_EQ(mean, 200);
}

TEST(ChromaMeans, OfDeepSamplesAreThoseOfTheSamePictureInEightBits) {
  const auto level = [](int x, int y, bool is_red) { return (x * 7 + y * 3 + is_red) % 256; };
  const auto eight = make_planes({.width = 90, .height = 40}, level);
  for (const int bit_depth : {10, 12, 16}) {
    const auto deep = make_planes({90, 40, bit_depth}, [&](int x, int y, bool is_red) {
      return level(x, y, is_red) << (bit_depth - 8);
    });
    EXPECT_EQ(compute_chroma_means(deep.view), compute_chroma_means(eight.view)) << bit_depth;
  }
}

TEST(ChromaMeans, OfNothingAreGrey) {
  EXPECT_EQ(compute_chroma_means({}), ChromaMeans{});
  EXPECT_EQ(compute_chroma_means_reference({}), ChromaMeans{});
  EXPECT_EQ(ChromaMeans{}.cb[0], 128);
}

}  // namespace
}  // namespace reelmill
