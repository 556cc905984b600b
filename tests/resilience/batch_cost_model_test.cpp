// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_cost_model.h"

#include <cmath>
#include <functional>

#include <gmock/gmock.h>

#include "base/clock.h"
#include "base/random.h"

namespace reelmill::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::DoubleNear;
using ::testing::Ge;
using ::testing::Le;

/// A service whose times are known: feeds the model as a batcher with plenty of items would.
struct Driven {
  explicit Driven(BatchOptions options) : model(options) {}

  /// Seconds for a batch of n.
  std::function<double(int)> time = [](int n) { return 0.1 + 0.004 * n; };
  std::function<int(int)> successes = [](int n) { return n; };
  double noise = 0;  ///< ± relative, uniform

  int step() {
    const int n = model.plan().size;
    model.left(n);
    serve(n);
    sizes.push_back(n);
    return n;
  }
  void serve(int n) {
    const double factor = 1 + noise * (2 * random.uniform() - 1);
    const Duration taken(std::llround(time(n) * factor * 1e9));
    model.observe({.n = n, .service_time = taken, .succeeded = successes(n)});
  }
  void steps(int count) {
    for (int i = 0; i < count; ++i) step();
  }
  int start() {
    int taken = 0;
    while (model.is_starting()) {
      step();
      ++taken;
    }
    return taken;
  }
  double cost(int n) const { return time(n) / successes(n); }

  BatchCostModel model;
  SeededRandom random{7};
  std::vector<int> sizes;
};

BatchOptions adaptive() {
  return {.strategy = BatchStrategy::adaptive, .target_processing_time = 10s};
}

// A service that is slowed by its own batches: those that left while it was idle look cheap.
TEST(BatchCostModel, TimesTakenWhileTheSlotsFilledAreNoMeasure) {
  BatchCostModel model(adaptive());
  for (const int in_flight : {1, 2, 3, 4})
    model.observe(
        {.n = 10, .service_time = in_flight * 100ms, .succeeded = 10, .in_flight = in_flight});
  EXPECT_EQ(model.predict(10), 400ms);
  EXPECT_TRUE(model.is_starting());
}

TEST(BatchCostModel, LeavesOutWhatHasNoSizeOrTookNoTime) {
  BatchCostModel model(adaptive());
  model.observe({.n = 0, .service_time = 1s});
  model.observe({.n = 5, .service_time = 0s, .succeeded = 5});
  EXPECT_EQ(model.predict(5), 0s);
  model.observe({.n = 5, .service_time = 1s, .succeeded = 5});
  EXPECT_EQ(model.predict(5), 1s);
}

TEST(BatchCostModel, FitsTheOverheadAndTheTimeOfAnItem) {
  Driven d(adaptive());
  d.noise = 0.05;
  d.steps(200);
  EXPECT_THAT(d.model.fit().b, DoubleNear(0.1, 0.01));
  EXPECT_THAT(d.model.fit().a, DoubleNear(0.004, 0.0002));
  EXPECT_LT(d.model.fit().error, 0.05);
}

TEST(BatchCostModel, StartsWithALadderOfDoubledSizesTwoSamplesARung) {
  Driven d(adaptive());
  d.start();
  const std::vector<int> up(d.sizes.begin(), d.sizes.begin() + 10);
  EXPECT_THAT(up, ::testing::ElementsAre(10, 10, 20, 20, 40, 40, 80, 80, 100, 100));
}

TEST(BatchCostModel, TheLadderGoesUpUntilARungCostsFifteenPercentMore) {
  Driven d(adaptive());
  d.time = [](int n) { return 0.1 + 0.004 * n + (n > 32 ? 0.5 : 0); };
  d.start();
  EXPECT_EQ(*std::max_element(d.sizes.begin(), d.sizes.end()), 40);
  EXPECT_LE(d.model.target(), 32);
}

TEST(BatchCostModel, TheLadderNeverClimbsOverTheTargetTimeTwice) {
  auto options = adaptive();
  options.target_processing_time = 200ms;  // 25 items
  Driven d(options);
  d.steps(60);
  int over = 0;
  for (const int n : d.sizes) over += d.time(n) > 0.2 ? 1 : 0;
  EXPECT_LE(over, 1);
  EXPECT_THAT(d.model.target(), AllOf(Ge(18), Le(25)));
}

TEST(BatchCostModel, TakesTheLargestSizeWhenOverheadIsAllThatMatters) {
  Driven d(adaptive());
  d.time = [](int) { return 0.1; };
  d.start();
  EXPECT_EQ(d.model.target(), 100);
  EXPECT_EQ(d.model.bound(), BatchBound::max_batch_size);
  EXPECT_NEAR(d.model.headroom(), 0.5, 0.01);  // twice the size would halve the cost
}

TEST(BatchCostModel, TakesTheSmallestSizeWithinThreePercentOfTheCheapest) {
  Driven d(adaptive());
  d.time = [](int n) { return 0.001 + 0.02 * n; };
  d.noise = 0.01;
  d.steps(400);
  EXPECT_LE(d.cost(d.model.target()), 1.03 * d.cost(100));
  EXPECT_LE(d.model.target(), 10);
  EXPECT_EQ(d.model.bound(), BatchBound::cost);
  EXPECT_EQ(d.model.headroom(), 0);
}

TEST(BatchCostModel, CountsTheCostPerSuccess) {
  // The service refuses whole batches the more often the larger they are.
  Driven d(adaptive());
  int turn = 0;
  d.successes = [&](int n) { return ++turn % 8 < (n > 40 ? 4 : 8) ? n : 0; };
  d.steps(300);
  EXPECT_LE(d.model.target(), 40);
}

TEST(BatchCostModel, FindsAKneeBetweenTheBins) {
  Driven d(adaptive());
  d.time = [](int n) { return 0.3 + 0.001 * n + (n > 33 ? 0.5 : 0); };
  d.steps(100);
  EXPECT_THAT(d.model.target(), AllOf(Ge(32), Le(33)));
}

TEST(BatchCostModel, FindsAKneeBetweenTwoSizesThatCostTheSame) {
  Driven d(adaptive());
  d.noise = 0.005;
  d.time = [](int n) { return 0.03 + 0.001 * n + 0.008 * std::max(0, n - 32); };
  d.steps(300);
  EXPECT_THAT(d.model.target(), AllOf(Ge(30), Le(33)));
}

TEST(BatchCostModel, TheCapHoldsBytesAgainstTheSizesOfItems) {
  auto options = adaptive();
  options.max_bytes = 1000;
  Driven d(options);
  for (int i = 0; i < 64; ++i) d.model.arrived(50);
  d.steps(40);
  EXPECT_EQ(d.model.cap(), 20);
}

TEST(BatchCostModel, TheCapLeavesRoomForTheSpreadOfTheTimes) {
  auto options = adaptive();
  options.target_processing_time = 300ms;  // 50 items without noise
  Driven d(options);
  d.noise = 0.2;
  d.steps(400);
  // 96 % of batches that vary by ± 20 % stay below 1.18 times the mean.
  EXPECT_THAT(d.model.cap(), AllOf(Ge(30), Le(43)));
  EXPECT_EQ(d.model.bound(), BatchBound::target_time);
  EXPECT_GT(d.model.headroom(), 0.1);
}

TEST(BatchCostModel, MovesAtMostToDoubleOrHalfAndNotSoonAgain) {
  Driven d(adaptive());
  d.start();
  const auto changes = d.model.regime_changes();
  int target = d.model.target(), since = 100;
  for (int i = 0; i < 400; ++i) {
    d.noise = 0.1;
    d.step();
    ++since;
    if (d.model.is_starting() || d.model.regime_changes() != changes) break;
    if (d.model.target() == target) continue;
    EXPECT_GE(since, 6);
    EXPECT_THAT(d.model.target(), AllOf(Ge(target / 2), Le(target * 2)));
    target = d.model.target();
    since = 0;
  }
}

TEST(BatchCostModel, ProbesOneBatchInTwelve) {
  Driven d(adaptive());
  d.noise = 0.02;
  d.steps(200);
  int probes = 0;
  for (int i = 0; i < 120; ++i) {
    probes += d.model.plan().purpose == BatchPlan::Purpose::probe ? 1 : 0;
    d.step();
  }
  EXPECT_EQ(probes, 10);
}

TEST(BatchCostModel, ProbesStayBelowTheCap) {
  auto options = adaptive();
  options.target_processing_time = 300ms;
  Driven d(options);
  d.noise = 0.05;
  d.steps(100);
  for (int i = 0; i < 500; ++i) {
    const int cap = d.model.cap();
    EXPECT_LE(d.model.plan().size, std::lround(1.03 * cap));
    d.step();
  }
}

TEST(BatchCostModel, LeavesANeighbourAloneThatIsKnownToBeMuchWorse) {
  Driven d(adaptive());
  d.time = [](int n) { return 0.3 + 0.001 * n + (n > 33 ? 0.5 : 0); };
  d.steps(150);
  int beyond = 0;
  for (int i = 0; i < 600; ++i) beyond += d.step() > 33 ? 1 : 0;
  EXPECT_GT(beyond, 0) << "never looks again whether the knee has moved";
  EXPECT_LE(beyond, 8);
}

TEST(BatchCostModel, AChangeOfSpeedClearsWhatWasLearnedAndStartsNearTheOldSize) {
  Driven d(adaptive());
  d.time = [](int n) { return 0.1 + 0.004 * n + (n > 32 ? 0.5 : 0); };
  d.noise = 0.05;
  d.steps(150);
  EXPECT_EQ(d.model.regime_changes(), 0u);
  const int before = d.model.target();
  d.time = [](int n) { return 0.3 + 0.012 * n + (n > 32 ? 1.5 : 0); };
  int taken = 0;
  while (d.model.regime_changes() == 0 && taken < 100) {
    d.step();
    ++taken;
  }
  EXPECT_LE(taken, 8);
  EXPECT_TRUE(d.model.is_starting());
  EXPECT_EQ(d.model.plan().size, before);
}

TEST(BatchCostModel, ARestartMayMoveFartherThanDouble) {
  Driven d(adaptive());
  d.time = [](int n) { return 0.05 + 0.02 * n + (n > 8 ? 1.0 : 0); };
  d.noise = 0.02;
  d.steps(200);
  ASSERT_LE(d.model.target(), 8);
  d.time = [](int n) { return 1 + 0.001 * n; };
  d.steps(40);
  EXPECT_GE(d.model.target(), 78);
}

TEST(BatchCostModel, NoiseAloneIsNoChange) {
  Driven d(adaptive());
  d.noise = 0.4;
  d.steps(3000);
  EXPECT_LE(d.model.regime_changes(), 1u);
  EXPECT_FALSE(d.model.is_falling_back());
}

TEST(BatchCostModel, FallsBackToAControllerWhenTheTimesKeepChanging) {
  Driven d(adaptive());
  int i = 0;
  bool fell_back = false;
  d.time = [&](int n) { return (i / 14 % 2 == 0 ? 0.1 : 0.9) + 0.004 * n; };
  for (; i < 400; ++i) {
    d.step();
    fell_back |= d.model.is_falling_back();
  }
  EXPECT_TRUE(fell_back);
}

TEST(BatchCostModel, TriesTheModelAgainAfterAFallback) {
  Driven d(adaptive());
  int i = 0;
  d.time = [&](int n) { return (i < 200 && i / 14 % 2 == 0 ? 0.9 : 0.1) + 0.004 * n; };
  for (; i < 600; ++i) d.step();
  EXPECT_FALSE(d.model.is_falling_back());
  EXPECT_GE(d.model.target(), 90);
}

TEST(BatchCostModel, TheArrivalTermIsTheSizeThatKeepsUp) {
  Driven d(adaptive());
  d.start();
  const double b = d.model.fit().b, a = d.model.fit().a;
  const auto term = d.model.arrival_term(100, 1);
  ASSERT_TRUE(term);
  EXPECT_NEAR(*term, 1.1 * 100 * b / (1 - 100 * a), 1e-9);
  EXPECT_LT(*d.model.arrival_term(100, 4), *term);
  EXPECT_TRUE(std::isinf(*d.model.arrival_term(251, 1)));
  EXPECT_FALSE(BatchCostModel(adaptive()).arrival_term(100, 1));
}

TEST(BatchCostModel, TheEfficiencyIsTheProductOfItsFactors) {
  Driven d(adaptive());
  d.successes = [](int n) { return n - n / 10; };
  d.steps(300);
  const auto factors = d.model.efficiency_factors();
  EXPECT_NEAR(factors.success, 0.9, 0.01);
  EXPECT_THAT(factors.amortisation, AllOf(Ge(0.95), Le(1.0)));
  EXPECT_THAT(factors.speed, AllOf(Ge(0.97), Le(1.0)));
  EXPECT_DOUBLE_EQ(d.model.efficiency(),
                   factors.amortisation * factors.fill * factors.success * factors.speed);
}

TEST(BatchCostModel, BatchesThatLeaveHalfFullCostFill) {
  Driven d(adaptive());
  d.steps(60);
  for (int i = 0; i < 600; ++i) {
    d.model.left(10);
    d.serve(10);
  }
  const auto factors = d.model.efficiency_factors();
  // 10 items cost 14 ms each, 100 cost 5.
  EXPECT_NEAR(factors.fill, 5.0 / 14, 0.05);
}

TEST(BatchCostModel, SaysWhenOneItemTakesLongerThanTheTarget) {
  auto options = adaptive();
  options.target_processing_time = 50ms;
  Driven d(options);
  d.steps(30);
  EXPECT_TRUE(d.model.is_target_out_of_reach());
  EXPECT_EQ(d.model.target(), 1);
}

TEST(BatchCostModel, AnUnfilledLadderComesToAnEnd) {
  BatchCostModel model(adaptive());
  for (int i = 0; i < 20 && model.is_starting(); ++i) {
    model.left(3);
    model.observe({.n = 3, .service_time = 100ms, .succeeded = 3});
  }
  EXPECT_FALSE(model.is_starting());
}

TEST(BatchCostModel, AFixedSizeIsKeptAndItsCostIsKnownAllTheSame) {
  Driven d({.strategy = BatchStrategy::fixed, .initial_batch_size = 20});
  d.steps(50);
  EXPECT_EQ(d.model.target(), 20);
  EXPECT_EQ(d.model.plan().size, 20);
  EXPECT_EQ(d.model.predict(20), 180ms);
}

}  // namespace
}  // namespace reelmill::testing
