// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reelmill {

/// How the delay grows from attempt to attempt; `adaptive` learns which of the others pays.
enum class RetryStrategy {
  fixed,
  linear,
  exponential,
  full_jitter,
  decorrelated_jitter,
  adaptive,
};

std::string_view to_string(RetryStrategy strategy) noexcept;

/// How often and when a failed call is tried again.
struct RetryOptions {
  RetryStrategy strategy = RetryStrategy::adaptive;
  int max_attempts = 3;  ///< the first one included; 1 = never retry
  Duration base_delay = std::chrono::seconds(1);
  Duration max_delay = std::chrono::seconds(60);
  double backoff_multiplier = 2.0;
  double jitter = 0.0;  ///< fixed, linear and exponential are spread by U(1 - jitter, 1 + jitter)
  Duration max_retry_after = std::chrono::minutes(5);  ///< a service that wants longer: give up

  bool operator==(const RetryOptions&) const = default;
};

/// A quota over all retries of one dependency, so that retries cannot become the overload. The
/// defaults are those of botocore's revised standard mode.
struct RetryBudgetOptions {
  double capacity = 500;     ///< full at the start
  double retry_cost = 14;    ///< for one retry
  double throttle_cost = 5;  ///< for one retry after `throttled`
  double deposit = 1;        ///< for one success at the first attempt

  bool operator==(const RetryBudgetOptions&) const = default;
};

/// Every problem at once, `option: value is outside low to high`; empty = fine.
std::vector<std::string> validate(const RetryOptions& options);
std::vector<std::string> validate(const RetryBudgetOptions& options);

}  // namespace reelmill
