// SPDX-License-Identifier: Apache-2.0
// How the cost model searches, notices change and predicts, part by part.
#include <cmath>

#include <gmock/gmock.h>

#include "base/manual_clock.h"
#include "base/random.h"
#include "resilience/arrival_rate.h"
#include "resilience/batch_cost_curve.h"
#include "resilience/batch_history.h"
#include "resilience/batch_ladder.h"
#include "resilience/batch_probe.h"
#include "resilience/batches_in_service.h"
#include "resilience/fallback_batch_size.h"
#include "resilience/in_flight_search.h"
#include "resilience/item_bytes.h"
#include "resilience/prediction_error.h"
#include "resilience/service_time_change.h"

namespace reelmill::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

TEST(BatchLadder, GoesDownAfterTheTop) {
  BatchLadder ladder(10, 1, 30);
  std::vector<int> rungs;
  while (!ladder.is_done()) {
    if (rungs.empty() || rungs.back() != ladder.rung()) rungs.push_back(ladder.rung());
    ladder.sampled({.cost = 1, .longest = 30});
  }
  EXPECT_THAT(rungs, ElementsAre(10, 20, 30, 5, 2, 1));
}

TEST(BatchLadder, ARungNearTheLimitGetsMoreSamples) {
  BatchLadder ladder(10, 1, 100);
  for (int i = 0; i < 2; ++i) ladder.sampled({.cost = 1, .longest = 100});
  ASSERT_EQ(ladder.rung(), 20);
  for (int i = 0; i < 3; ++i) ladder.sampled({.cost = 1.17, .error = 0.1, .longest = 100});
  EXPECT_EQ(ladder.rung(), 20);
  ladder.sampled({.cost = 1.17, .error = 0.1, .longest = 100});
  EXPECT_EQ(ladder.rung(), 40) << "in doubt it goes on";
  for (int i = 0; i < 2; ++i) ladder.sampled({.cost = 1.5, .error = 0.1, .longest = 100});
  EXPECT_EQ(ladder.rung(), 5) << "no doubt is left";
}

TEST(BatchLadder, TheErrorOfTheCheapestRungCountsToo) {
  BatchLadder ladder(10, 1, 100);
  for (int i = 0; i < 2; ++i) ladder.sampled({.cost = 1, .error = 0.2, .longest = 100});
  for (int i = 0; i < 2; ++i) ladder.sampled({.cost = 1.5, .longest = 100});
  EXPECT_EQ(ladder.rung(), 20) << "the first may have been luck";
}

TEST(BatchLadder, TurnsDownAtOnceOverTheTargetTime) {
  BatchLadder ladder(10, 1, 100);
  ladder.sampled({.cost = 1, .longest = 4});
  EXPECT_EQ(ladder.rung(), 4);
}

TEST(BatchLadder, EndsWhereItemsAreWanting) {
  BatchLadder ladder(10, 1, 100);
  for (int i = 0; i < 4; ++i) ladder.missed();
  EXPECT_TRUE(ladder.is_done());
}

TEST(ServiceTimeChange, AlarmsAfterAFewBatchesOfAnotherSpeedBothWays) {
  for (const double shift : {0.4, -0.4}) {
    ServiceTimeChange change;
    int taken = 1;
    while (!change.observe(shift, 0.05)) ++taken;
    EXPECT_EQ(taken, 5);  // 1.5 ÷ (0.4 − 0.08)
  }
}

TEST(ServiceTimeChange, OneOutlierIsClipped) {
  ServiceTimeChange change;
  EXPECT_FALSE(change.observe(100, 0.05));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(change.observe(0, 0.05));
}

TEST(ServiceTimeChange, AShiftWithinTheSlackIsNoChange) {
  ServiceTimeChange change;
  for (int i = 0; i < 10000; ++i) ASSERT_FALSE(change.observe(0.079, 0.05));
}

TEST(FallbackBatchSize, GrowsByAStepOnlyAfterAFullBatchWellBelowTheTarget) {
  FallbackBatchSize size({.initial_batch_size = 20, .adaptation_factor = 0.1});
  size.observe(19, 100ms);
  EXPECT_EQ(size.size(), 20);
  size.observe(20, 950ms);
  EXPECT_EQ(size.size(), 20);
  size.observe(20, 100ms);
  EXPECT_EQ(size.size(), 22);
}

TEST(FallbackBatchSize, ShrinksToNineTenthsOverTheTarget) {
  FallbackBatchSize size({.initial_batch_size = 20});
  size.observe(20, 1001ms);
  EXPECT_EQ(size.size(), 18);
  for (int i = 0; i < 100; ++i) size.observe(20, 2s);
  EXPECT_EQ(size.size(), 1);
}

TEST(PredictionError, KnowsSpreadAndTail) {
  PredictionError error;
  SeededRandom random(3);
  std::normal_distribution<> normal(0, 0.1);
  for (int i = 0; i < 256; ++i) error.add(normal(random.engine()));
  EXPECT_NEAR(error.spread(), 0.1, 0.02);
  EXPECT_NEAR(error.factor_96(), std::exp(0.175), 0.05);
}

TEST(ItemBytes, KnowsTheEdges) {
  ItemBytes bytes;
  EXPECT_EQ(bytes.low(), 0u);
  for (std::size_t i = 0; i < 100; ++i) bytes.add(100 + i % 64);
  EXPECT_EQ(bytes.low(), 103u);
  EXPECT_EQ(bytes.high(), 160u);
}

TEST(ArrivalRate, CountsItemsASecondAndForgets) {
  ManualClock clock;
  ArrivalRate rate(1s, clock.now());
  for (int i = 0; i < 500; ++i) {
    clock.advance(10ms);
    rate.arrived(clock.now());
  }
  EXPECT_NEAR(rate.per_second(clock.now()), 100, 5);
  EXPECT_NEAR(rate.per_second(clock.now() + 3s), 100 * std::exp(-3), 1);
  rate.remember(10s);
  EXPECT_NEAR(rate.per_second(clock.now()), 100, 5);
}

TEST(BatchHistory, ThinsALongRunEvenly) {
  BatchHistory history;
  for (std::uint64_t id = 1; id <= 10000; ++id) history.add({.id = id});
  EXPECT_LE(history.decisions().size(), BatchHistory::capacity);
  EXPECT_GE(history.decisions().size(), BatchHistory::capacity / 2);
  const auto stride = history.stride();
  for (const auto& decision : history.decisions()) EXPECT_EQ(decision.id % stride, 0u);
  history.complete(history.decisions()[3].id, 5s);
  EXPECT_EQ(history.decisions()[3].observed, 5s);
}

TEST(BatchesInService, AreFoundByIdOrByKeyAndSizeOldestFirst) {
  BatchesInService batches;
  batches.add({1, "a", 5});
  batches.add({2, "b", 5});
  batches.add({3, "a", 5});
  EXPECT_EQ(batches.take({.n = 5, .key = "a"})->id, 1u);
  EXPECT_EQ(batches.take({.id = 3})->id, 3u);
  EXPECT_FALSE(batches.take({.id = 3})) << "told twice";
  EXPECT_EQ(batches.take({.n = 1, .key = "z"})->id, 2u);
  EXPECT_EQ(batches.count(), 0);
}

/// A service in which `servers` batches run side by side.
struct Line {
  explicit Line(int most) : search(most) {}
  void run(int batches, double servers) {
    for (int i = 0; i < batches; ++i) {
      const double stretch = std::max(1.0, search.limit() / servers);
      clock.advance(std::chrono::duration_cast<Duration>(
          std::chrono::duration<double>(0.1 * stretch / search.limit())));
      search.completed({0.1, 0.1 * stretch, true}, clock.now());
    }
  }
  ManualClock clock;
  InFlightSearch search;
};

TEST(InFlightSearch, KeepsOneWhereBatchesAreServedOneByOne) {
  Line line(4);
  line.run(1500, 1);
  EXPECT_EQ(line.search.limit(), 1);
}

TEST(InFlightSearch, KeepsAllWhereTheServiceHasRoom) {
  Line line(4);
  int fewer = 0;
  for (int i = 0; i < 5000; ++i) {
    line.run(1, 8);
    fewer += line.search.limit() < 4 ? 1 : 0;
  }
  EXPECT_LE(fewer, 200);
}

TEST(InFlightSearch, ReturnsWhenTheServiceGainsRoom) {
  Line line(4);
  line.run(1500, 1);
  line.search.reconsider();
  line.run(3000, 4);
  EXPECT_EQ(line.search.limit(), 4);
}

TEST(InFlightSearch, TellsHowMuchFasterBatchesBecame) {
  Line line(2);
  double factor = 1;
  for (int i = 0; i < 400 && factor == 1; ++i) {
    const double stretch = line.search.limit();
    line.clock.advance(100ms);
    factor = line.search.completed({0.1, 0.1 * stretch, true}, line.clock.now());
  }
  EXPECT_NEAR(factor, 0.5, 0.01);
}

TEST(InFlightSearch, StopsMeasuringWhenTheSlotsAreNotUsed) {
  Line line(4);
  while (!line.search.is_measuring()) line.run(1, 1);
  line.run(30, 1);
  ASSERT_EQ(line.search.limit(), 3);
  line.search.completed({0.1, 0.1, false}, line.clock.now());
  EXPECT_FALSE(line.search.is_measuring());
  EXPECT_EQ(line.search.limit(), 4);
}

TEST(BatchProbe, OffersTheNeighbourSeenLongestAgo) {
  BatchCostCurve curve(1, 100);
  std::uint64_t at = 0;
  const auto add = [&](int n) {
    for (int i = 0; i < 5; ++i) curve.add({.n = n, .seconds = 1.0 * n, .succeeded = n, .at = ++at});
  };
  add(14);
  add(28);
  add(20);
  const BatchProbeView view{.target = 20, .least = 1, .cap = 100, .spread = 0.05, .now = at};
  EXPECT_EQ(BatchProbe::choose(curve, view), 14);
  add(14);
  EXPECT_EQ(BatchProbe::choose(curve, view), 28);
}

}  // namespace
}  // namespace reelmill::testing
