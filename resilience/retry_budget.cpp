// SPDX-License-Identifier: Apache-2.0
#include "resilience/retry_budget.h"

#include <algorithm>
#include <stdexcept>

#include "resilience/option_problems.h"

namespace reelmill {

RetryBudget::RetryBudget(RetryBudgetOptions options) : options_(options), left_(options.capacity) {
  if (const auto problems = validate(options); !problems.empty()) {
    throw std::invalid_argument("retry budget: " + joined(problems));
  }
}

bool RetryBudget::withdraw(double amount) {
  double left = left_.load(std::memory_order_relaxed);
  do {
    if (left < amount) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
  } while (!left_.compare_exchange_weak(left, left - amount, std::memory_order_relaxed));
  spent_.fetch_add(amount, std::memory_order_relaxed);
  return true;
}

void RetryBudget::refund(double amount) {
  refunded_.fetch_add(amount, std::memory_order_relaxed);
  add(amount);
}

void RetryBudget::add(double amount) {
  double left = left_.load(std::memory_order_relaxed);
  while (left < options_.capacity &&
         !left_.compare_exchange_weak(left, std::min(options_.capacity, left + amount),
                                      std::memory_order_relaxed)) {
  }
}

}  // namespace reelmill
