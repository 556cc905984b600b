// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "resilience/retry_options.h"

namespace reelmill::simulation {

/// What is wrong with a service when an operation begins. Every operation meets its trouble, since
/// those that do not say nothing about a strategy.
enum class Trouble {
  brief_blips,    ///< `unavailable` for at most 50 ms
  slow_recovery,  ///< `unavailable` for 3 to 12 s, evenly spread
  throttling,     ///< `throttled` with retry_after 1 s; each further attempt is let in with 40 %
  hard_down,      ///< `unavailable` for good
};

inline constexpr std::array all_troubles = {Trouble::brief_blips, Trouble::slow_recovery,
                                            Trouble::throttling, Trouble::hard_down};

std::string_view to_string(Trouble trouble) noexcept;

struct RetryTrial {
  double learning_reward = 0;  ///< mean over the first operations
  double reward = 0;           ///< mean over as many operations after them
  double requests = 0;         ///< an operation, over both
};

/// `operations` operations to learn from, and as many that are measured, one after another with one
/// Retry: five attempts, a first delay of 1 s, and a budget that is never empty, so that the
/// strategies alone are compared.
RetryTrial run_retry_trial(RetryStrategy strategy, Trouble trouble, int operations,
                           std::uint64_t seed);

/// Budget left after `operations` failed with `kind`, of the default budget.
double budget_left_after(ErrorKind kind, int operations);

}  // namespace reelmill::simulation
