// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <utility>

#include "base/clock.h"

namespace reelmill::simulation {

/// A circuit breaker that behaves as Polly 8's documentation says of its defaults
/// (https://www.pollydocs.org/strategies/circuit-breaker): FailureRatio 0.1, MinimumThroughput 100,
/// SamplingDuration 30 s, BreakDuration 5 s; after a break one call is let through and decides.
/// Written from the documentation. Not thread-safe.
class PollyBreaker {
 public:
  struct Permit {
    int period = 0;
  };

  explicit PollyBreaker(const Clock& clock) : clock_(clock) {}

  bool try_acquire(Permit& permit) {
    const auto now = clock_.now();
    if (state_ == State::open && now >= open_until_) {
      enter(State::half_open);
      permit.period = period_;
      return true;  // the one call that decides
    }
    permit.period = period_;
    return state_ == State::closed;
  }

  void record(const Permit& permit, bool has_failed) {
    if (permit.period != period_) return;
    const auto now = clock_.now();
    if (state_ == State::half_open) {
      has_failed ? open(now) : enter(State::closed);
      return;
    }
    results_.emplace_back(now, has_failed);
    failures_ += has_failed ? 1 : 0;
    while (now - results_.front().first > std::chrono::seconds(30)) {
      failures_ -= results_.front().second ? 1 : 0;
      results_.pop_front();
    }
    if (has_failed && results_.size() >= 100 && 10 * failures_ >= results_.size()) open(now);
  }

 private:
  enum class State { closed, open, half_open };

  void open(Clock::time_point now) {
    open_until_ = now + std::chrono::seconds(5);
    enter(State::open);
  }
  void enter(State state) {
    state_ = state;
    ++period_;
    results_.clear();
    failures_ = 0;
  }

  const Clock& clock_;
  State state_ = State::closed;
  int period_ = 0;
  std::size_t failures_ = 0;
  std::deque<std::pair<Clock::time_point, bool>> results_;
  Clock::time_point open_until_;
};

}  // namespace reelmill::simulation
