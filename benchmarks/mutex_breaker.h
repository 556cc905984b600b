// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace reelmill::bench {

/// A circuit breaker as it is usually written, for comparison: one mutex around a state, a ring of
/// the last 100 results, a row of failures and a deadline. It does less than CircuitBreaker: no
/// generations, probes, modes, totals or listeners. Thread-safe.
class MutexBreaker {
 public:
  explicit MutexBreaker(Clock& clock) : clock_(clock), has_failed_(window, 0) {}

  /// Nothing: admitted. Else the time to wait.
  std::optional<Duration> acquire() {
    std::lock_guard lock(mutex_);
    if (!is_open_) return std::nullopt;
    const auto now = clock_.now();
    if (now < open_until_) {
      ++refused_;
      return open_until_ - now;
    }
    is_open_ = false;
    return std::nullopt;
  }

  void succeed() { record(0); }
  void fail() { record(1); }

 private:
  static constexpr std::size_t window = 100;

  void record(char has_failed) {
    std::lock_guard lock(mutex_);
    failures_ += has_failed - has_failed_[next_];
    has_failed_[next_] = has_failed;
    next_ = next_ + 1 == window ? 0 : next_ + 1;
    calls_ += calls_ < window ? 1 : 0;
    row_ = has_failed != 0 ? row_ + 1 : 0;
    if (row_ < 5 && (calls_ < 20 || 2 * failures_ < static_cast<int>(calls_))) return;
    is_open_ = true;
    open_until_ = clock_.now() + std::chrono::seconds(60);
  }

  Clock& clock_;
  std::mutex mutex_;
  bool is_open_ = false;
  Clock::time_point open_until_;
  std::vector<char> has_failed_;
  std::size_t next_ = 0, calls_ = 0;
  int failures_ = 0, row_ = 0;
  unsigned long refused_ = 0;
};

}  // namespace reelmill::bench
