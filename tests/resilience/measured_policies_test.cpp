// SPDX-License-Identifier: Apache-2.0
// The headline figures of docs/benchmarks/resilience.md, in small form and with seeds that were not
// used to choose any constant.
#include "benchmarks/simulation/retry_trials.h"
#include "benchmarks/simulation/scenario.h"
#include "benchmarks/simulation/trip_trials.h"
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

using namespace reelmill::simulation;

// -- virtual threads -----------------------------------------------------------------------------

TEST(VirtualThreads, AScenarioIsTheSameTwiceAndAnotherWithAnotherSeed) {
  auto scenario = outage_of_a_minute();
  scenario.length = 100s;
  scenario.threads = 50;
  const auto once = run_scenario(scenario, Protection::ours, 7);
  const auto twice = run_scenario(scenario, Protection::ours, 7);
  const auto other = run_scenario(scenario, Protection::ours, 8);
  EXPECT_EQ(once.succeeded, twice.succeeded);
  EXPECT_EQ(once.requests, twice.requests);
  EXPECT_NE(once.operations, other.operations);
}

// -- the adaptive test ---------------------------------------------------------------------------

TEST(MeasuredAdaptiveBreaker, NoticesAnOutageWithinEightCallsAndHalfOfOneWithinTwenty) {
  const auto adaptive = adaptive_only(1e7);
  EXPECT_LE(detection_delay(adaptive, {.rate = 0.01}, 1.0, 50, 1000, 901).mean, 8);
  EXPECT_LE(detection_delay(adaptive, {.rate = 0.01}, 0.5, 50, 1000, 902).mean, 20);
}

TEST(MeasuredAdaptiveBreaker, DoesNotTripWhereFiveInARowTripsEveryFourThousandCalls) {
  const Failures healthy{.rate = 0.2};
  EXPECT_EQ(false_trips(adaptive_only(1e7), healthy, 1, 200'000, 903).trips, 0);
  const auto row = false_trips(five_in_a_row(), healthy, 1, 200'000, 903);
  EXPECT_GT(row.trips, 30);
}

class EqualDelay : public ::testing::TestWithParam<std::pair<double, double>> {};

TEST_P(EqualDelay, TripsTenTimesLessOftenOnBurstsThanFiveInARow) {
  const auto [healthy, after] = GetParam();
  const Failures bursts{.rate = healthy, .burst = 5};
  const double row_delay = detection_delay(five_in_a_row(), bursts, after, 200, 20'000, 904).mean;
  const double limit = limit_for_delay(row_delay, bursts, after, 200, 20'000, 904);
  ASSERT_GT(limit, 0);
  const double row = false_trips(five_in_a_row(), bursts, 1, 300'000, 905).trips;
  const double adaptive = false_trips(adaptive_only(limit), bursts, 1, 300'000, 905).trips;
  ASSERT_GT(row, 20);
  EXPECT_LE(10 * adaptive, row) << "limit " << limit;
}

INSTANTIATE_TEST_SUITE_P(Changes, EqualDelay,
                         ::testing::Values(std::pair(0.01, 0.5), std::pair(0.1, 0.5)));

// -- the adaptive retry --------------------------------------------------------------------------

double mean_reward(RetryStrategy strategy, Trouble trouble) {
  double sum = 0;
  for (std::uint64_t seed = 9001; seed <= 9005; ++seed) {
    sum += run_retry_trial(strategy, trouble, 2000, seed).reward / 5;
  }
  return sum;
}

TEST(MeasuredAdaptiveRetry, IsNearTheBestStrategyForEachServiceAndBetterThanAnyForAll) {
  constexpr std::array fixed = {RetryStrategy::fixed, RetryStrategy::linear,
                                RetryStrategy::exponential, RetryStrategy::full_jitter,
                                RetryStrategy::decorrelated_jitter};
  std::array<double, fixed.size()> all{};
  double adaptive_all = 0;
  for (const Trouble trouble : all_troubles) {
    double best = 0;
    for (std::size_t i = 0; i < fixed.size(); ++i) {
      const double reward = mean_reward(fixed[i], trouble);
      best = std::max(best, reward);
      all[i] += reward;
    }
    const double adaptive = mean_reward(RetryStrategy::adaptive, trouble);
    adaptive_all += adaptive;
    EXPECT_GE(adaptive, 0.9 * best) << to_string(trouble);
  }
  for (const double one : all) EXPECT_GT(adaptive_all, one);
}

TEST(MeasuredAdaptiveRetry, SpendsNoBudgetOnErrorsThatCannotHeal) {
  for (const ErrorKind kind : {ErrorKind::invalid_input, ErrorKind::not_found, ErrorKind::denied,
                               ErrorKind::exhausted, ErrorKind::cancelled, ErrorKind::internal}) {
    EXPECT_EQ(budget_left_after(kind, 50), 500) << to_string(kind);
  }
  EXPECT_LT(budget_left_after(ErrorKind::unavailable, 50), 14);
}

// -- scenarios -----------------------------------------------------------------------------------

class MeasuredScenarios : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(MeasuredScenarios, AFlakyServiceCostsOneOperationInAThousandAtMost) {
  auto scenario = flaky_service();
  scenario.length = 500s;
  scenario.threads = 60;
  const auto r = run_scenario(scenario, Protection::ours, GetParam());
  EXPECT_GE(r.success_rate(), 0.999);
  EXPECT_LE(r.requests_per_success(), 1.3);
}

TEST_P(MeasuredScenarios, AnOutageGetsFewCallsAndItsEndIsNoticedSoon) {
  auto scenario = outage_of_a_minute();
  scenario.length = 200s;
  scenario.threads = 200;
  const auto naive = run_scenario(scenario, Protection::naive_retry, GetParam());
  const auto four_j = run_scenario(scenario, Protection::resilience4j, GetParam());
  const auto polly = run_scenario(scenario, Protection::polly, GetParam());
  const auto ours = run_scenario(scenario, Protection::ours, GetParam());
  EXPECT_LE(10 * ours.requests_in_trouble, naive.requests_in_trouble);
  EXPECT_LE(ours.requests_in_trouble, four_j.requests_in_trouble);
  EXPECT_LE(ours.requests_in_trouble, polly.requests_in_trouble);
  ASSERT_TRUE(ours.noticed_after);
  EXPECT_LE(*ours.noticed_after, 6s);
}

TEST_P(MeasuredScenarios, LanesLoseAlmostNothingInAnOutage) {
  auto scenario = outage_of_a_minute();
  scenario.length = 200s;
  const auto r = run_scenario(scenario, Protection::ours_in_lanes, GetParam());
  EXPECT_GE(r.success_rate(), 0.995);
  EXPECT_LE(*r.noticed_after, 6s);
}

TEST_P(MeasuredScenarios, ASlowServiceDoesNotTakeItsNeighbourDown) {
  const auto none = run_scenario(slow_service(), Protection::none, GetParam());
  const auto ours = run_scenario(slow_service(), Protection::ours, GetParam());
  ASSERT_GT(none.neighbours_failed, 500u);
  EXPECT_LE(5 * ours.neighbours_failed, none.neighbours_failed);
}

INSTANTIATE_TEST_SUITE_P(Seeds, MeasuredScenarios, ::testing::Values(9101, 9102, 9103));

}  // namespace
}  // namespace reelmill::testing
