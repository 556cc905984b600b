// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include "resilience/retry_options.h"

namespace reelmill {

/// The quota that all retries of one dependency share: full at the start, charged for every retry,
/// refunded when the retry succeeds, grown a little by every clean success. When most calls fail
/// it runs dry, and the retries stop before they become the overload. Thread-safe, lock-free.
class RetryBudget {
 public:
  /// Throws std::invalid_argument when the options are not valid.
  explicit RetryBudget(RetryBudgetOptions options);

  /// What one retry after this kind of error costs.
  double cost(ErrorKind kind) const {
    return kind == ErrorKind::throttled ? options_.throttle_cost : options_.retry_cost;
  }
  /// False, and nothing taken, when less than `amount` is left.
  bool withdraw(double amount);
  /// For a retry that succeeded. Never above the capacity.
  void refund(double amount);
  /// For a success at the first attempt.
  void deposit() { add(options_.deposit); }

  double left() const { return left_.load(std::memory_order_relaxed); }
  double capacity() const { return options_.capacity; }
  double spent() const { return spent_.load(std::memory_order_relaxed); }  ///< withdrawn so far
  double refunded() const { return refunded_.load(std::memory_order_relaxed); }
  /// Withdrawals refused so far.
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  void add(double amount);

  const RetryBudgetOptions options_;
  std::atomic<double> left_, spent_{0}, refunded_{0};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace reelmill
