// SPDX-License-Identifier: Apache-2.0
#include "resilience/change_detector.h"

#include <cmath>

#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

TEST(ChangeDetector, LearnsAnUpperBoundOfTheHealthyRateAndNotItsMean) {
  ChangeDetector detector(1e7, 300);
  for (int i = 0; i < 30; ++i) {
    detector.successes(9);
    detector.failure();
  }
  EXPECT_TRUE(detector.has_learned());
  EXPECT_NEAR(detector.healthy_rate(), 0.139, 0.001);  // Wilson, 30 of 300
}

TEST(ChangeDetector, TheHealthyRateHasAFloor) {
  ChangeDetector detector(1e7, 300);
  detector.successes(10'000'000);
  EXPECT_GE(detector.healthy_rate(), 0.001);
  EXPECT_LT(detector.healthy_rate(), 0.003);
}

TEST(ChangeDetector, AlarmsWhenTheLogLikelihoodRatioReachesItsLimit) {
  ChangeDetector detector(1e7, 300);
  detector.successes(300);
  const double p0 = detector.healthy_rate();
  const int needed = static_cast<int>(std::ceil(std::log(1e7) / std::log(0.3 / p0)));
  for (int i = 1; i < needed; ++i) EXPECT_FALSE(detector.failure()) << i;
  EXPECT_TRUE(detector.failure());
}

TEST(ChangeDetector, SuccessesLowerTheStatisticToZeroAndNoFurther) {
  ChangeDetector detector(1e7, 300);
  detector.successes(300);
  detector.failure();
  const double one = detector.statistic();
  detector.successes(1);
  EXPECT_LT(detector.statistic(), one);
  detector.successes(1'000'000);
  EXPECT_EQ(detector.statistic(), 0);
}

TEST(ChangeDetector, TellingSuccessesOneByOneOrTogetherIsTheSame) {
  ChangeDetector one(1e7, 100), together(1e7, 100);
  SeededRandom random(5);
  for (int i = 0; i < 200; ++i) {
    const auto n = static_cast<std::uint64_t>(random.uniform() * 30);
    together.successes(n);
    for (std::uint64_t k = 0; k < n; ++k) one.successes(1);
    ASSERT_EQ(one.failure(), together.failure());
    // p0 moves a little with every success; the sums differ by no more than that.
    ASSERT_NEAR(one.statistic(), together.statistic(), 0.05 * (1 + one.statistic()));
    ASSERT_NEAR(one.healthy_rate(), together.healthy_rate(), 0.001);
  }
}

TEST(ChangeDetector, FollowsASlowChangeOfTheHealthyRate) {
  ChangeDetector detector(1e7, 300);
  detector.successes(300);
  for (int percent = 1; percent <= 10; ++percent) {
    for (int i = 0; i < 100 * percent; ++i) {
      detector.successes(static_cast<std::uint64_t>(100 / percent - 1));
      ASSERT_FALSE(detector.failure()) << percent << " %";
    }
  }
  EXPECT_GT(detector.healthy_rate(), 0.08);
}

TEST(ChangeDetector, DoesNotLearnFromCallsThatLookLikeAnOutage) {
  ChangeDetector detector(1e7, 300);
  detector.successes(10'000);
  for (int i = 0; i < 3; ++i) detector.failure();
  ASSERT_GT(detector.statistic(), detector.limit() / 2);
  const double before = detector.healthy_rate();
  detector.failure();
  EXPECT_EQ(detector.healthy_rate(), before);
  detector.successes(1);
  EXPECT_EQ(detector.healthy_rate(), before);
}

TEST(ChangeDetector, NoticesAServiceThatIsDownFromTheStart) {
  ChangeDetector detector(1e7, 300);
  int calls = 1;
  while (!detector.failure()) ++calls;
  EXPECT_LE(calls, 20);
}

TEST(ChangeDetector, AHopelessBaselineStillLeavesARateToTestAgainst) {
  ChangeDetector detector(1e7, 10);
  for (int i = 0; i < 10; ++i) detector.failure();
  EXPECT_LT(detector.healthy_rate(), 1);
  detector.clear();
  int calls = 1;
  while (!detector.failure() && calls < 10'000) ++calls;
  EXPECT_LT(calls, 10'000);
}

TEST(ChangeDetector, ClearingKeepsWhatWasLearned) {
  ChangeDetector detector(1e7, 300);
  detector.successes(300);
  const double p0 = detector.healthy_rate();
  detector.failure();
  detector.clear();
  EXPECT_EQ(detector.statistic(), 0);
  EXPECT_NEAR(detector.healthy_rate(), p0, 0.01);
  EXPECT_TRUE(detector.has_learned());
}

// -- the whole breaker ---------------------------------------------------------------------------

CircuitBreakerOptions adaptive(double false_trip_calls) {
  return {.timeout = 1s,
          .max_timeout = 1s,
          .timeout_jitter = 0,
          .adaptive = true,
          .false_trip_calls = false_trip_calls};
}

class AdaptivePromise : public ::testing::TestWithParam<double> {};

TEST_P(AdaptivePromise, AtLeastAThirdOfFalseTripCallsForEachFalseTripLearningIncluded) {
  constexpr double promised = 1e4;
  constexpr int breakers = 40, calls_each = 30'000;
  double calls = 0, trips = 0;
  for (std::uint64_t seed = 1; seed <= breakers; ++seed) {
    SeededRandom random(seed);
    TestBreaker t(adaptive(promised), random);
    for (int i = 0; i < calls_each; ++i) {
      random.uniform() < GetParam() ? t.fail() : t.succeed();
      if (!t.is_open()) continue;
      ++trips;
      t.clock.advance(1s);
      t.breaker.set_mode(CircuitMode::disabled);  // back to closed, with what was learned
      t.breaker.set_mode(CircuitMode::automatic);
    }
    calls += calls_each;
  }
  EXPECT_LE(trips, calls / (promised / 3)) << "at " << GetParam();
}

INSTANTIATE_TEST_SUITE_P(HealthyRates, AdaptivePromise,
                         ::testing::Values(0.001, 0.003, 0.01, 0.05, 0.1, 0.2),
                         [](const auto& rate) {
                           return std::to_string(static_cast<int>(rate.param * 1000)) + "PerMille";
                         });

TEST(AdaptiveBreaker, ConsecutiveAndRateTestsAreOffUnlessSet) {
  TestBreaker t(adaptive(1e15));
  t.fail_times(29);
  EXPECT_TRUE(t.is_closed());
}

TEST(AdaptiveBreaker, AThresholdThatWasSetStaysOn) {
  auto options = adaptive(1e15);
  options.failure_threshold = 7;
  TestBreaker row(options);
  row.fail_times(7);
  EXPECT_TRUE(row.is_open());
  options = adaptive(1e15);
  options.failure_rate_threshold = 0.9;
  TestBreaker rate(options);
  rate.fail_times(20);
  EXPECT_TRUE(rate.is_open());
}

TEST(AdaptiveBreaker, ThrottlingIsTheLimitersWork) {
  TestBreaker t(adaptive(1e7));
  t.succeed_times(1000);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(t.fail(ErrorKind::throttled));
  EXPECT_EQ(t.breaker.snapshot().failures, 1000u);
  int calls = 0;
  while (t.is_closed()) t.fail(), ++calls;
  EXPECT_LE(calls, 6);
}

TEST(AdaptiveBreaker, TripsSoonWhenAHealthyServiceGoesDown) {
  TestBreaker t(adaptive(1e7));
  t.succeed_times(1000);
  int calls = 0;
  while (t.is_closed()) t.fail(), ++calls;
  EXPECT_LE(calls, 6);
  EXPECT_THAT(t.transitions.back().reason,
              ::testing::HasSubstr("fails more often than the learned"));
}

TEST(AdaptiveBreaker, KeepsWhatItLearnedOverAnOutage) {
  TestBreaker t(adaptive(1e7));
  t.succeed_times(1000);
  while (t.is_closed()) t.fail();
  t.clock.advance(1s);
  t.succeed_times(3);
  ASSERT_TRUE(t.is_closed());
  int calls = 0;
  while (t.is_closed()) t.fail(), ++calls;
  EXPECT_LE(calls, 6);
}

TEST(AdaptiveBreaker, LearnsAnewAfterAReset) {
  TestBreaker t(adaptive(1e7));
  t.succeed_times(1000);
  t.breaker.reset();
  int calls = 0;
  while (t.is_closed()) t.fail(), ++calls;
  EXPECT_GT(calls, 10);  // the cautious test of the learning time
}

}  // namespace
}  // namespace reelmill::testing
