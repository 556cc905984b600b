// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "base/random.h"
#include "resilience/retry_options.h"

namespace reelmill {

/// Learns which backoff strategy pays after errors of one kind: discounted Thompson sampling over
/// the five fixed strategies, one Beta distribution each. A strategy that was not tried lately is
/// taken to be worth what all of them are on average, since with a fixed prior belief it would look
/// better than the best wherever rewards are low, and be tried again and again. Not thread-safe.
class StrategyChooser {
 public:
  static constexpr std::array arms = {RetryStrategy::fixed, RetryStrategy::linear,
                                      RetryStrategy::exponential, RetryStrategy::full_jitter,
                                      RetryStrategy::decorrelated_jitter};

  RetryStrategy choose(Random& random) const;
  /// `reward` in [0, 1]: what the operation was worth that used `strategy`.
  void reward(RetryStrategy strategy, double reward);
  /// What a use of `strategy` is believed to be worth now.
  double expected(RetryStrategy strategy) const;

 private:
  double mean_reward() const;

  struct Belief {
    double good = 0, bad = 0;  ///< discounted sums of reward and of 1 - reward
  };
  std::array<Belief, arms.size()> beliefs_;
};

/// What an operation is worth: success * exp(-elapsed / 10 s) / attempts.
double retry_reward(bool has_succeeded, Duration elapsed, int attempts);

}  // namespace reelmill
