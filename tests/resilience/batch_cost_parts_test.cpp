// SPDX-License-Identifier: Apache-2.0
// What the cost model knows of each size: samples, bins, the line through them, the choice.
#include <cmath>

#include <gmock/gmock.h>

#include "resilience/batch_cost_curve.h"
#include "resilience/batch_line_prior.h"
#include "resilience/batch_size_choice.h"
#include "resilience/batch_success.h"

namespace reelmill::testing {
namespace {

using namespace std::chrono_literals;

TEST(BatchSamples, KeepTheLatest) {
  BatchSamples samples;
  for (std::uint64_t i = 0; i < 100; ++i) samples.add({.n = 4, .seconds = i < 60 ? 9.0 : 1.0});
  EXPECT_EQ(samples.count(), 32);
  EXPECT_EQ(samples.seconds(), 1);
}

TEST(BatchSamples, ASingleOutlierHardlyCounts) {
  BatchSamples samples;
  for (int i = 0; i < 20; ++i)
    samples.add({.n = 10, .seconds = 1 + 0.01 * (i % 5), .succeeded = 10});
  const double before = samples.seconds();
  samples.add({.n = 10, .seconds = 50, .succeeded = 10});
  EXPECT_NEAR(samples.seconds(), before, 0.01 * before);
}

TEST(BatchSamples, AHeavyTailCountsWhereTheMedianWouldNotSeeIt) {
  BatchSamples samples;
  for (int i = 0; i < 32; ++i)
    samples.add({.n = 1, .seconds = i % 4 == 0 ? 3.0 : 0.8 + 0.1 * (i % 4), .succeeded = 1});
  EXPECT_GT(samples.seconds(), 1.1 * samples.median());
}

TEST(BatchCostCurve, CostIsTimePerSuccess) {
  BatchCostCurve curve(1, 100);
  for (int i = 0; i < 1000; ++i) curve.add({.n = 10, .seconds = 2, .succeeded = i % 2 * 10});
  EXPECT_NEAR(curve.cost(10), 2 / 5.0, 0.01);
  EXPECT_EQ(curve.cost(50), 0);
}

TEST(BatchSuccess, WholeBatchesThatFailTellOfOtherSizes) {
  // A share of 0.99 an item: 0.99^n of the batches go through.
  const std::vector<BatchOutcomes> outcomes{{10, 100, std::pow(0.99, 10)},
                                            {40, 100, std::pow(0.99, 40)}};
  const double h = failure_an_item(outcomes);
  EXPECT_NEAR(h, -std::log(0.99), 5e-5);
  EXPECT_NEAR(smoothed_success({100, 2, 1}, h), std::pow(0.99, 100), 0.05);
  EXPECT_NEAR(smoothed_success({100, 10000, 0.9}, h), 0.9, 0.01);
}

TEST(BatchSuccess, WithoutFailuresEverySizeSucceeds) {
  EXPECT_EQ(failure_an_item(std::vector<BatchOutcomes>{{10, 50, 1}}), 0);
  EXPECT_EQ(smoothed_success({100, 0, 1}, 0), 1);
}

TEST(TheilSen, FindsALineInSpiteOfAnOutlier) {
  std::vector<BatchPoint> points;
  for (int n = 1; n <= 9; ++n) points.push_back({double(n), 0.5 + 0.1 * n});
  points[4].seconds = 20;
  const auto fit = theil_sen(points);
  EXPECT_NEAR(fit.a, 0.1, 1e-9);
  EXPECT_NEAR(fit.b, 0.5, 1e-9);
  EXPECT_EQ(fit.points, 9);
}

TEST(TheilSen, OnePointIsNoLine) {
  const BatchPoint point{3, 1};
  EXPECT_EQ(theil_sen({&point, 1}).points, 1);
  EXPECT_EQ(theil_sen({&point, 1}).a, 0);
}

TEST(BatchCostCurve, HasAboutFifteenBinsUpToAHundred) {
  EXPECT_EQ(BatchCostCurve(1, 100).bins(), 13);
  EXPECT_EQ(BatchCostCurve(7, 7).bins(), 1);
}

TEST(BatchCostCurve, EverySizeHasABinAndNoneHasTwo) {
  for (const int max : {1, 2, 3, 17, 100, 4096}) {
    BatchCostCurve curve(1, max);
    for (int n = 1; n <= max; ++n) curve.add({.n = n, .seconds = 1.0 * n, .succeeded = n});
    int samples = 0, bins = 0;
    for (const auto& point : curve.points()) {
      samples += point.samples;
      ++bins;
    }
    EXPECT_EQ(bins, curve.bins());
    if (max <= 32) {
      EXPECT_EQ(samples, max);
    }
  }
}

TEST(BatchCostCurve, RefiningKeepsTheSamples) {
  BatchCostCurve curve(1, 100);
  for (int n = 29; n <= 39; ++n) curve.add({.n = n, .seconds = 1.0 * n, .succeeded = n});
  curve.refine(33);
  int samples = 0;
  for (const auto& point : curve.points()) samples += point.samples;
  EXPECT_EQ(samples, 11);
  EXPECT_EQ(curve.bin(33).count(), 1);
  EXPECT_EQ(curve.bin(33).mean_size(), 33);
}

TEST(BatchCostCurve, ManyRefinementsDoNotGrowItWithoutEnd) {
  BatchCostCurve curve(1, 100000);
  for (int n = 100; n < 100000; n += 100) curve.refine(n);
  EXPECT_LE(curve.bins(), 60);
}

TEST(BatchCostCurve, UnvisitedBinsExpire) {
  BatchCostCurve curve(1, 100);
  curve.add({.n = 1, .seconds = 1, .succeeded = 1, .at = 5});
  curve.add({.n = 50, .seconds = 2, .succeeded = 50, .at = 900});
  curve.expire(100);
  ASSERT_EQ(curve.points().size(), 1u);
  EXPECT_EQ(curve.points()[0].n, 50);
}

TEST(BatchCostCurve, InterpolatesBetweenBinsAndFollowsTheLineBeyondThem) {
  BatchCostCurve curve(1, 100);
  for (const int n : {10, 20, 40}) curve.add({.n = n, .seconds = 1 + 0.1 * n, .succeeded = n});
  EXPECT_NEAR(curve.predict(30), 4, 1e-9);
  EXPECT_NEAR(curve.predict(5), 1.5, 1e-9);
  EXPECT_NEAR(curve.predict(80), 9, 1e-9);
  EXPECT_EQ(BatchCostCurve(1, 100).predict(3), 0);
}

TEST(BatchSizeChoice, TheSmallestInTheBandIsNotTheCheapest) {
  const std::vector<BatchCostPoint> points{{.n = 5, .cost = 1.5},
                                           {.n = 10, .cost = 1.019},
                                           {.n = 20, .cost = 1.0},
                                           {.n = 40, .cost = 1.4}};
  EXPECT_EQ(smallest_in_band(points), 10);
  EXPECT_EQ(cheapest_of(points), 20);
  EXPECT_FALSE(smallest_in_band({}));
}

TEST(BatchSizeChoice, TheCapCutsTheCurveBetweenBins) {
  BatchCostCurve curve(1, 100);
  for (int i = 0; i < 2; ++i) {
    for (const int n : {10, 20, 40}) curve.add({.n = n, .seconds = 1 + 0.01 * n, .succeeded = n});
  }
  EXPECT_EQ(longest_within(curve, 1.3, 1, 1, 100), 30);
  const auto known = candidates(curve, 30);
  ASSERT_EQ(known.size(), 3u);
  EXPECT_EQ(known.back().n, 30);
}

TEST(BatchLinePrior, LuckyFewAreDrawnToTheLineAndWellKnownOnesAreNot) {
  // Two samples at 20 were lucky by a third.
  std::vector<BatchCostPoint> points{{.n = 10, .seconds = 2, .cost = 0.2, .samples = 20},
                                     {.n = 20, .seconds = 2, .cost = 0.1, .samples = 2},
                                     {.n = 40, .seconds = 5, .cost = 0.125, .samples = 20}};
  draw_to_line(points, 0.3);
  EXPECT_NEAR(points[1].seconds, 2.9, 0.2);
  EXPECT_NEAR(points[1].cost, points[1].seconds / 20, 1e-9);
  EXPECT_NEAR(points[0].seconds, 2, 0.1);
  EXPECT_NEAR(points[2].seconds, 5, 0.2);
}

TEST(BatchLinePrior, AKneeStays) {
  std::vector<BatchCostPoint> points;
  for (const double n : {5.0, 10.0, 20.0, 40.0, 80.0}) {
    const double seconds = 0.05 + 0.004 * n + 0.03 * std::max(0.0, n - 32);
    points.push_back({.n = n, .seconds = seconds, .cost = seconds / n, .samples = 2});
  }
  const auto measured = points;
  draw_to_line(points, 0.05);
  for (std::size_t i = 0; i < points.size(); ++i)
    EXPECT_NEAR(points[i].seconds, measured[i].seconds, 0.05 * measured[i].seconds) << points[i].n;
}

TEST(BatchLinePrior, TwoPointsHaveNoLineToBeDrawnTo) {
  std::vector<BatchCostPoint> points{{.n = 10, .seconds = 2, .cost = 0.2, .samples = 1},
                                     {.n = 20, .seconds = 1, .cost = 0.05, .samples = 1}};
  draw_to_line(points, 0.3);
  EXPECT_EQ(points[0].seconds, 2);
  EXPECT_EQ(points[1].seconds, 1);
}

}  // namespace
}  // namespace reelmill::testing
