// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/wipe_fit.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "tests/support/synthetic.h"

namespace reelmill {
namespace {

using test::Image;
using test::scene;

PictureVector vector_of(const Image& image) {
  return picture_vector(test::features_of(image));
}

/// `at` gives the picture at each share of the way.
WipeFit along(const std::function<Image(double)>& at) {
  std::array<PictureVector, 3> pictures;
  BetweenPictures between{};
  for (std::size_t i = 0; i < between.size(); ++i) {
    pictures[i] = vector_of(at(static_cast<double>(i + 1) / 4));
    between[i] = &pictures[i];
  }
  return wipe_fit(vector_of(at(0)), vector_of(at(1)), between);
}

/// With another edge: mirrored, turned over, or of a frame.
Image along_edge(const Image& from, const Image& to, double share, char edge) {
  Image image = from;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const double across = (x + 0.5) / image.width, down = (y + 0.5) / image.height;
      const double ring = 2 * std::max(std::abs(across - 0.5), std::abs(down - 0.5));
      const double passed = edge == 'l'   ? across
                            : edge == 'r' ? 1 - across
                            : edge == 't' ? down
                            : edge == 'b' ? 1 - down
                            : edge == 'm' ? ring
                                          : 1 - ring;
      const auto at = static_cast<std::size_t>(y * image.width + x);
      if (passed < share) image.luma[at] = to.luma[at];
    }
  return image;
}

TEST(WipeFit, OfStillPicturesIsExactAndFollowsTheEdge) {
  for (const char edge : {'l', 'r', 't', 'b', 'm', 'o'}) {
    const auto found =
        along([&](double share) { return along_edge(scene(1), scene(2), share, edge); });
    EXPECT_GT(found.edge, 0.94F) << edge;
    if (edge != 'm' && edge != 'o') {
      EXPECT_GT(found.exact, 0.75F) << edge;
    }
  }
}

TEST(WipeFit, OfMovingPicturesFollowsTheEdgeAlone) {
  int exact = 0, beside_edge = 0;
  for (unsigned number = 1; number <= 12; ++number) {
    const auto found = along([&](double share) {
      const int pixels = static_cast<int>(20 * share);
      return along_edge(scene(number, pixels), scene(number + 1, pixels), share, 'l');
    });
    exact += found.exact > 0.75F ? 1 : 0;
    beside_edge += found.edge > 0.94F ? 1 : 0;
  }
  EXPECT_GT(beside_edge, exact + 2);
}

TEST(WipeFit, IsNoDissolve) {
  for (unsigned number = 1; number <= 12; ++number)
    EXPECT_LT(along([&](double share) {
                return test::mix(scene(number), scene(number + 1), share);
              }).edge,
              0.94F)
        << number;
}

TEST(WipeFit, IsNoCut) {
  for (const double when : {0.1, 0.3, 0.6, 0.9}) {
    const auto found = along([&](double share) { return scene(share < when ? 1 : 2); });
    EXPECT_LT(found.edge, 0.94F) << when;
    EXPECT_LT(found.exact, 0.75F) << when;
  }
}

TEST(WipeFit, OfPicturesThatAreAlikeIsNone) {
  const auto found = along([](double) { return scene(5); });
  EXPECT_EQ(found.exact, 0);
  EXPECT_EQ(found.edge, 0);
}

}  // namespace
}  // namespace reelmill
