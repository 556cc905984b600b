// SPDX-License-Identifier: Apache-2.0
#include "resilience/backoff.h"

#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

RetryOptions options(RetryStrategy strategy, double jitter = 0) {
  return {.strategy = strategy, .base_delay = 1s, .max_delay = 60s, .jitter = jitter};
}

std::vector<double> delays(RetryOptions o, double chance, int n) {
  FixedRandom random(chance);
  Backoff backoff(o, random);
  std::vector<double> seconds;
  Duration previous{0};
  for (int i = 1; i <= n; ++i) {
    previous = backoff.next(i, previous);
    seconds.push_back(to_seconds(previous));
  }
  return seconds;
}

struct BackoffCase {
  RetryStrategy strategy;
  double chance;
  std::vector<double> seconds;
};

class BackoffFormula : public ::testing::TestWithParam<BackoffCase> {};

TEST_P(BackoffFormula, GivesTheDelaysOfTheTable) {
  EXPECT_EQ(delays(options(GetParam().strategy), GetParam().chance, 8), GetParam().seconds);
}

INSTANTIATE_TEST_SUITE_P(
    Strategies, BackoffFormula,
    ::testing::Values(BackoffCase{RetryStrategy::fixed, 0.5, {1, 1, 1, 1, 1, 1, 1, 1}},
                      BackoffCase{RetryStrategy::linear, 0.5, {1, 2, 3, 4, 5, 6, 7, 8}},
                      BackoffCase{RetryStrategy::exponential, 0.5, {1, 2, 4, 8, 16, 32, 60, 60}},
                      BackoffCase{RetryStrategy::full_jitter, 0.5, {0.5, 1, 2, 4, 8, 16, 32, 60}},
                      BackoffCase{RetryStrategy::full_jitter, 0, {0, 0, 0, 0, 0, 0, 0, 0}},
                      BackoffCase{RetryStrategy::decorrelated_jitter, 0, {1, 1, 1, 1, 1, 1, 1, 1}},
                      // U(1, max(1, 3 * previous)) at one half: 1, then (1 + 3 * previous) / 2
                      BackoffCase{RetryStrategy::decorrelated_jitter,
                                  0.5,
                                  {1, 2, 3.5, 5.75, 9.125, 14.1875, 21.78125, 33.171875}}),
    [](const auto& tested) {
      return std::string(to_string(tested.param.strategy)) + std::to_string(tested.index);
    });

TEST(Backoff, JitterSpreadsTheFirstThreeStrategiesAroundTheirDelay) {
  for (const auto strategy :
       {RetryStrategy::fixed, RetryStrategy::linear, RetryStrategy::exponential}) {
    const double plain = delays(options(strategy), 0.5, 2)[1];
    EXPECT_DOUBLE_EQ(delays(options(strategy, 0.5), 0, 2)[1], plain * 0.5);
    EXPECT_DOUBLE_EQ(delays(options(strategy, 0.5), 0.75, 2)[1], plain * 1.25);
  }
}

TEST(Backoff, JitterComesBeforeTheCap) {
  auto o = options(RetryStrategy::fixed, 0.5);
  o.max_delay = 1s;
  EXPECT_EQ(delays(o, 0.9, 1)[0], 1);
  EXPECT_EQ(delays(o, 0, 1)[0], 0.5);
}

TEST(Backoff, NothingOverflowsAtTheThousandthOrMillionthAttempt) {
  for (const auto strategy :
       {RetryStrategy::fixed, RetryStrategy::linear, RetryStrategy::exponential,
        RetryStrategy::full_jitter, RetryStrategy::decorrelated_jitter}) {
    auto o = options(strategy);
    o.backoff_multiplier = 1000;
    for (const double chance : {0.0, 0.5, 0.999}) {
      FixedRandom random(chance);
      Backoff backoff(o, random);
      for (const int attempt : {1000, 1'000'000, std::numeric_limits<int>::max()}) {
        const Duration delay = backoff.next(attempt, Duration::max());
        EXPECT_GE(delay, 0s) << to_string(strategy);
        EXPECT_LE(delay, 60s) << to_string(strategy);
      }
    }
  }
}

TEST(Backoff, AnAttemptBelowOneIsTheFirst) {
  FixedRandom random(0.5);
  Backoff backoff(options(RetryStrategy::exponential), random);
  EXPECT_EQ(backoff.next(0, 0s), 1s);
  EXPECT_EQ(backoff.next(-7, -5s), 1s);
}

TEST(Backoff, AZeroBaseMeansNoDelay) {
  for (const auto strategy : {RetryStrategy::fixed, RetryStrategy::linear,
                              RetryStrategy::exponential, RetryStrategy::full_jitter}) {
    auto o = options(strategy);
    o.base_delay = 0s;
    FixedRandom random(0.9);
    EXPECT_EQ(Backoff(o, random).next(1000, 0s), 0s);
  }
}

TEST(Backoff, RefusesAdaptiveWhichIsAChoiceBetweenTheOthers) {
  FixedRandom random(0.5);
  EXPECT_THROW(Backoff(options(RetryStrategy::adaptive), random), std::invalid_argument);
}

TEST(Backoff, RefusesOptionsOutsideTheirRange) {
  FixedRandom random(0.5);
  auto o = options(RetryStrategy::fixed);
  o.jitter = 2;
  EXPECT_THROW(Backoff(o, random), std::invalid_argument);
}

}  // namespace
}  // namespace reelmill::testing
