// SPDX-License-Identifier: Apache-2.0
// The guards of a configuration: every option of the resilience room, by its name.
#include "pipeline/config.h"
#include "pipeline/config_sections.h"
#include "tests/support/sample_stages.h"
#include "tests/support/source_tree.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;

class GuardConfig : public testing::Test {
 protected:
  Result<PipelineSpec> load(const std::string& guard) {
    problems_.clear();
    return load_config(folder_.write("config.yaml", "version: 1\nguards:\n  store:\n" + guard +
                                                        R"(stages:
  - { id: frames, use: decode }
  - { id: shots, use: shots, from: frames }
  - { id: publish, use: upload, from: shots, guard: store, with: { to: x } }
)"),
                       {.output_folder = "/out", .registry = &registry_}, problems_);
  }
  std::string problems() const {
    std::string text;
    for (const auto& problem : problems_) {
      const auto line = to_string(problem);
      text += line.substr(line.find("config.yaml")) + "\n";
    }
    return text;
  }

  test::TempFolder folder_;
  Registry registry_ = test::sample_registry();
  std::vector<Problem> problems_;
};

TEST_F(GuardConfig, EveryOptionCanBeWritten) {
  const auto spec = load(R"(    retry: { strategy: linear, max_attempts: 7, base_delay: 20ms,
             max_delay: 31s, backoff_multiplier: 3, jitter: 0.2, max_retry_after: 6m }
    budget: { capacity: 400, retry_cost: 15, throttle_cost: 6, deposit: 2 }
    breaker: { failure_threshold: 6, success_threshold: 4, timeout: 61s,
               failure_rate_threshold: 0.6, window_calls: 90, window_time: 3m, window_buckets: 12,
               minimum_calls: 21, slow_call_duration: 4s, slow_call_rate_threshold: 0.9,
               permitted_probes: 5, probe_timeout: 7s, timeout_multiplier: 3, max_timeout: 11m,
               timeout_jitter: 0.2, ramp_step: 3s, ramp_start: 0.2, adaptive: true,
               false_trip_calls: 1000, learn_calls: 400 }
    rate: { per_second: 5, burst: 6, adaptive: true }
    concurrency: { initial: 3, min: 2, max: 9, adaptive: true }
    hedge: { percentile: 0.9, minimum_samples: 30, minimum_delay: 40ms }
    timeout: { attempt: 50s, total: 9m }
)");
  EXPECT_EQ(problems(), "");
  ASSERT_TRUE(spec);
  const GuardOptions expected{
      .retry = RetryOptions{.strategy = RetryStrategy::linear,
                            .max_attempts = 7,
                            .base_delay = 20ms,
                            .max_delay = 31s,
                            .backoff_multiplier = 3,
                            .jitter = 0.2,
                            .max_retry_after = 6min},
      .budget = {.capacity = 400, .retry_cost = 15, .throttle_cost = 6, .deposit = 2},
      .breaker = CircuitBreakerOptions{.failure_threshold = 6,
                                       .success_threshold = 4,
                                       .timeout = 61s,
                                       .failure_rate_threshold = 0.6,
                                       .window_calls = 90,
                                       .window_time = 3min,
                                       .window_buckets = 12,
                                       .minimum_calls = 21,
                                       .slow_call_duration = 4s,
                                       .slow_call_rate_threshold = 0.9,
                                       .permitted_probes = 5,
                                       .probe_timeout = 7s,
                                       .timeout_multiplier = 3,
                                       .max_timeout = 11min,
                                       .timeout_jitter = 0.2,
                                       .ramp_step = 3s,
                                       .ramp_start = 0.2,
                                       .adaptive = true,
                                       .false_trip_calls = 1000,
                                       .learn_calls = 400},
      .rate = RateLimiterOptions{.per_second = 5, .burst = 6, .adaptive = true},
      .concurrency = ConcurrencyLimitOptions{.initial = 3, .min = 2, .max = 9, .adaptive = true},
      .attempt_timeout = 50s,
      .total_timeout = 9min,
      .hedge = HedgeOptions{.percentile = 0.9, .minimum_samples = 30, .minimum_delay = 40ms}};
  EXPECT_TRUE(spec->guards.at("store") == expected);
}

TEST_F(GuardConfig, WhatIsNotWrittenHasTheDefaultOfTheRoomButForTheRamp) {
  const auto spec = load(
      "    { retry: {}, budget: {}, breaker: {}, rate: {}, concurrency: {}, hedge: {}, timeout: {} "
      "}\n");
  EXPECT_EQ(problems(), "");
  ASSERT_TRUE(spec);
  const GuardOptions expected{.retry = RetryOptions{},
                              .breaker = CircuitBreakerOptions{.ramp_step = 2s},
                              .rate = RateLimiterOptions{},
                              .concurrency = ConcurrencyLimitOptions{},
                              .hedge = HedgeOptions{}};
  EXPECT_TRUE(spec->guards.at("store") == expected);
}

TEST_F(GuardConfig, AnnouncesEveryMistakeAtOnceWithItsLineRangeAndNearestName) {
  ASSERT_FALSE(load(R"(    retry: { strategy: exponentail, max_attempts: 0 }
    breaker:
      failure_treshold: 5
      timeout_jitter: 1
      permitted_probes: 2
      ramp_start: 0
    rate: { per_second: 0 }
    concurrency: { min: 4, max: 2 }
    hedge: { percentile: 95 }
    timeout: { attempt: -1s }
    bugdet: {}
)"));
  EXPECT_EQ(
      problems(),
      R"(config.yaml:4: guards.store.retry.strategy: 'exponentail' is none of fixed, linear, exponential, full_jitter, decorrelated_jitter, adaptive; did you mean 'exponential'?
config.yaml:4: guards.store.retry.max_attempts: 0 is below 1
config.yaml:6: guards.store.breaker.failure_treshold: unknown key; did you mean 'failure_threshold'?
config.yaml:7: guards.store.breaker.timeout_jitter: 1 is above 0.999999
config.yaml:9: guards.store.breaker.ramp_start: 0 is below 0.001
config.yaml:10: guards.store.rate.per_second: 0 is below 1e-06
config.yaml:11: guards.store.concurrency.max: must be at least min
config.yaml:11: guards.store.concurrency.initial: must lie between min and max
config.yaml:12: guards.store.hedge.percentile: 95 is above 0.999
config.yaml:13: guards.store.timeout.attempt: '-1s' is not a duration: write 250ms, 30s, 10m, 2h
config.yaml:14: guards.store.bugdet: unknown key; did you mean 'budget'?
)");
}

}  // namespace
}  // namespace reelmill
