// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "resilience/circuit_breaker_options.h"
#include "resilience/limit_options.h"
#include "resilience/retry_options.h"

namespace reelmill {

/// The protection around one service. What is not set is not there.
struct GuardOptions {
  std::optional<RetryOptions> retry = {};
  RetryBudgetOptions budget = {};
  std::optional<CircuitBreakerOptions> breaker = {};
  std::optional<RateLimiterOptions> rate = {};
  std::optional<ConcurrencyLimitOptions> concurrency = {};
  Duration attempt_timeout{0};  ///< for one attempt; 0 = none
  Duration total_timeout{0};    ///< for all attempts and the waits between them; 0 = none
  std::optional<HedgeOptions> hedge = {};

  bool operator==(const GuardOptions&) const = default;
};

/// What suits a run that nobody watches, with a backlog behind it: five adaptive attempts, a minute
/// each, ten minutes in all; a breaker that learns how much failure is usual, asks every five
/// seconds whether an outage is over, with two probes of which one must succeed, and lets the
/// backlog back in gently.
GuardOptions unattended_guard_options();

/// Every problem of every part at once, `part.option: value is outside low to high`; empty = fine.
std::vector<std::string> validate(const GuardOptions& options);

}  // namespace reelmill
