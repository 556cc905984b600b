// SPDX-License-Identifier: Apache-2.0
#include "resilience/retry_options.h"

#include "resilience/option_problems.h"

namespace reelmill {

std::string_view to_string(RetryStrategy strategy) noexcept {
  switch (strategy) {
    case RetryStrategy::fixed:
      return "fixed";
    case RetryStrategy::linear:
      return "linear";
    case RetryStrategy::exponential:
      return "exponential";
    case RetryStrategy::full_jitter:
      return "full_jitter";
    case RetryStrategy::decorrelated_jitter:
      return "decorrelated_jitter";
    case RetryStrategy::adaptive:
      return "adaptive";
  }
  return "unknown";
}

std::vector<std::string> validate(const RetryOptions& options) {
  constexpr Duration zero{0};
  OptionProblems problems;
  problems.check_range("max_attempts", options.max_attempts, 1, 1e6);
  problems.check_range("base_delay", options.base_delay, zero, longest_duration);
  problems.check_range("max_delay", options.max_delay, zero, longest_duration);
  if (options.max_delay < options.base_delay) {
    problems.add("max_delay", "must be at least base_delay");
  }
  problems.check_range("backoff_multiplier", options.backoff_multiplier, 1, 1000);
  problems.check_range("jitter", options.jitter, 0, 1);
  problems.check_range("max_retry_after", options.max_retry_after, zero, longest_duration);
  return problems.take();
}

std::vector<std::string> validate(const RetryBudgetOptions& options) {
  OptionProblems problems;
  problems.check_range("capacity", options.capacity, 0, 1e12);
  problems.check_range("retry_cost", options.retry_cost, 0, 1e12);
  problems.check_range("throttle_cost", options.throttle_cost, 0, 1e12);
  problems.check_range("deposit", options.deposit, 0, 1e12);
  return problems.take();
}

}  // namespace reelmill
