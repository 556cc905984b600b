// SPDX-License-Identifier: Apache-2.0
// Every option, its range, and what is said about a value outside it.
#include <limits>

#include "resilience/batch_options.h"
#include "resilience/guard_options.h"
#include "resilience/option_problems.h"
#include "resilience/retry_metrics.h"
#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Options, TheDefaultsAreValid) {
  EXPECT_THAT(validate(CircuitBreakerOptions{}), IsEmpty());
  EXPECT_THAT(validate(RetryOptions{}), IsEmpty());
  EXPECT_THAT(validate(RetryBudgetOptions{}), IsEmpty());
  EXPECT_THAT(validate(RateLimiterOptions{}), IsEmpty());
  EXPECT_THAT(validate(ConcurrencyLimitOptions{}), IsEmpty());
  EXPECT_THAT(validate(HedgeOptions{}), IsEmpty());
  EXPECT_THAT(validate(GuardOptions{}), IsEmpty());
  EXPECT_THAT(validate(unattended_guard_options()), IsEmpty());
  EXPECT_THAT(validate(BatchOptions{.strategy = BatchStrategy::fixed}), IsEmpty());
}

TEST(Options, TheDefaultsAreThoseOfTheDocumentation) {
  const CircuitBreakerOptions breaker;
  EXPECT_EQ(breaker.failure_threshold, 5);
  EXPECT_EQ(breaker.success_threshold, 3);
  EXPECT_EQ(breaker.timeout, 60s);
  EXPECT_EQ(breaker.max_timeout, 10min);
  const RetryOptions retry;
  EXPECT_EQ(retry.strategy, RetryStrategy::adaptive);
  EXPECT_EQ(retry.max_attempts, 3);
  const RetryBudgetOptions budget;
  EXPECT_EQ(budget.capacity, 500);
}

struct Mistake {
  const char* says;
  std::function<void(GuardOptions&)> make;
};

class GuardOptionMistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(GuardOptionMistakes, AreNamedWithTheAllowedRange) {
  GuardOptions options;
  options.retry.emplace();
  options.breaker.emplace();
  options.rate.emplace();
  options.concurrency.emplace();
  options.hedge.emplace();
  GetParam().make(options);
  EXPECT_THAT(validate(options), ElementsAre(HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    All, GuardOptionMistakes,
    ::testing::Values(
        Mistake{"breaker.failure_threshold: -1 is outside 0 to 1000000",
                [](auto& o) { o.breaker->failure_threshold = -1; }},
        Mistake{"breaker.success_threshold: 0 is outside 1 to 1000000",
                [](auto& o) { o.breaker->success_threshold = 0; }},
        Mistake{"breaker.timeout: -1s is outside 0s to 8760h",
                [](auto& o) { o.breaker->timeout = -1s; }},
        Mistake{"breaker.failure_rate_threshold: must be above 0; above 1 turns it off",
                [](auto& o) { o.breaker->failure_rate_threshold = 0; }},
        Mistake{"breaker.failure_rate_threshold: nan is outside",
                [](auto& o) { o.breaker->failure_rate_threshold = nan; }},
        Mistake{"breaker.window_calls: -1 is outside 0 to 1000000",
                [](auto& o) { o.breaker->window_calls = -1; }},
        Mistake{"breaker.window_time: must be above 0 when window_calls is 0",
                [](auto& o) { o.breaker->window_calls = 0; }},
        Mistake{"breaker.window_buckets: 0 is outside 1 to 10000",
                [](auto& o) { o.breaker->window_buckets = 0; }},
        Mistake{"breaker.minimum_calls: 0 is outside 1 to 1000000",
                [](auto& o) { o.breaker->minimum_calls = 0; }},
        Mistake{"breaker.slow_call_duration: -1ns is outside",
                [](auto& o) { o.breaker->slow_call_duration = -1ns; }},
        Mistake{"breaker.slow_call_rate_threshold: must be above 0",
                [](auto& o) { o.breaker->slow_call_rate_threshold = -1; }},
        Mistake{"breaker.permitted_probes: must be 0 or at least success_threshold",
                [](auto& o) { o.breaker->permitted_probes = 2; }},
        Mistake{"breaker.probe_timeout: ", [](auto& o) { o.breaker->probe_timeout = -1s; }},
        Mistake{"breaker.timeout_multiplier: 0.5 is outside 1 to 1000",
                [](auto& o) { o.breaker->timeout_multiplier = 0.5; }},
        Mistake{"breaker.max_timeout: must be at least timeout",
                [](auto& o) { o.breaker->max_timeout = 59s; }},
        Mistake{"breaker.timeout_jitter: 1 is outside [0, 1)",
                [](auto& o) { o.breaker->timeout_jitter = 1; }},
        Mistake{"breaker.timeout_jitter: nan is outside [0, 1)",
                [](auto& o) { o.breaker->timeout_jitter = nan; }},
        Mistake{"breaker.ramp_step: ", [](auto& o) { o.breaker->ramp_step = -1s; }},
        Mistake{"breaker.ramp_start: 0 is outside 0.001 to 1",
                [](auto& o) { o.breaker->ramp_start = 0; }},
        Mistake{"breaker.false_trip_calls: 1 is outside 10 to",
                [](auto& o) { o.breaker->false_trip_calls = 1; }},
        Mistake{"breaker.learn_calls: 0 is outside 1 to",
                [](auto& o) { o.breaker->learn_calls = 0; }},
        Mistake{"retry.max_attempts: 0 is outside 1 to 1000000",
                [](auto& o) { o.retry->max_attempts = 0; }},
        Mistake{"retry.base_delay: ", [](auto& o) { o.retry->base_delay = -1s; }},
        Mistake{"retry.max_delay: must be at least base_delay",
                [](auto& o) { o.retry->max_delay = 999ms; }},
        Mistake{"retry.backoff_multiplier: 0.9 is outside 1 to 1000",
                [](auto& o) { o.retry->backoff_multiplier = 0.9; }},
        Mistake{"retry.jitter: 1.1 is outside 0 to 1", [](auto& o) { o.retry->jitter = 1.1; }},
        Mistake{"retry.max_retry_after: ", [](auto& o) { o.retry->max_retry_after = -1s; }},
        Mistake{"budget.capacity: -1 is outside", [](auto& o) { o.budget.capacity = -1; }},
        Mistake{"budget.retry_cost: -1 is outside", [](auto& o) { o.budget.retry_cost = -1; }},
        Mistake{"budget.throttle_cost: nan is outside",
                [](auto& o) { o.budget.throttle_cost = nan; }},
        Mistake{"budget.deposit: -1 is outside", [](auto& o) { o.budget.deposit = -1; }},
        Mistake{"rate.per_second: 0 is outside", [](auto& o) { o.rate->per_second = 0; }},
        Mistake{"rate.burst: 0 is outside", [](auto& o) { o.rate->burst = 0; }},
        Mistake{"concurrency.min: 0 is outside 1 to 1000000",
                [](auto& o) { o.concurrency->min = 0; }},
        Mistake{"concurrency.initial: must lie between min and max",
                [](auto& o) { o.concurrency->initial = 65; }},
        Mistake{"hedge.percentile: 1 is outside 0.5 to 0.999",
                [](auto& o) { o.hedge->percentile = 1; }},
        Mistake{"hedge.minimum_samples: 0 is outside",
                [](auto& o) { o.hedge->minimum_samples = 0; }},
        Mistake{"hedge.minimum_delay: ", [](auto& o) { o.hedge->minimum_delay = -1s; }},
        Mistake{"attempt_timeout: -1s is outside 0s to 8760h",
                [](auto& o) { o.attempt_timeout = -1s; }},
        Mistake{"total_timeout: 9000h is outside", [](auto& o) { o.total_timeout = 9000h; }}),
    [](const auto& mistake) {
      std::string name(mistake.param.says);
      name = name.substr(0, name.find(':'));
      std::replace(name.begin(), name.end(), '.', '_');
      return name + "_" + std::to_string(mistake.index);
    });

TEST(Options, TheLongestNegativeDurationIsReportedWithoutOverflow) {
  EXPECT_THAT(validate(GuardOptions{.total_timeout = Duration::min()}),
              ElementsAre(HasSubstr("total_timeout: -8760h is outside")));
}

TEST(Options, BatchMistakesAreReportedAllAtOnce) {
  const BatchOptions options{.strategy = BatchStrategy::fixed,
                             .initial_batch_size = 200,
                             .min_batch_size = 0,
                             .target_processing_time = 0s,
                             .adaptation_factor = 2,
                             .max_wait = -1s,
                             .max_bytes = 0,
                             .max_in_flight = 0};
  EXPECT_THAT(validate(options),
              ElementsAre("min_batch_size: 0 is outside 1 to 1000000",
                          "initial_batch_size: must lie between min_batch_size and max_batch_size",
                          HasSubstr("target_processing_time: 0s"),
                          "adaptation_factor: 2 is outside 0.001 to 1", HasSubstr("max_wait: -1s"),
                          "max_bytes: must be above 0", "max_in_flight: 0 is outside 1 to 10000"));
}

TEST(Options, ATimeBasedBatchNeedsATimeToWait) {
  EXPECT_THAT(
      validate(BatchOptions{.strategy = BatchStrategy::time_based, .max_wait = Duration::zero()}),
      ElementsAre("max_wait: must be above 0 with time_based, which goes by nothing else"));
}

TEST(Options, NamesOfStrategiesAndStatesAreThoseOfTheConfiguration) {
  EXPECT_EQ(to_string(RetryStrategy::decorrelated_jitter), "decorrelated_jitter");
  EXPECT_EQ(to_string(BatchStrategy::time_based), "time_based");
  EXPECT_EQ(to_string(CircuitState::half_open), "half_open");
  EXPECT_EQ(to_string(CircuitMode::metrics_only), "metrics_only");
  EXPECT_EQ(to_string(GiveUp::retry_after), "retry_after");
}

}  // namespace
}  // namespace reelmill::testing
