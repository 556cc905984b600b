// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "base/clock.h"

namespace reelmill::simulation {

/// A circuit breaker that behaves as resilience4j's documentation says of its defaults
/// (https://resilience4j.readme.io/docs/circuitbreaker): slidingWindowType COUNT_BASED,
/// slidingWindowSize 100, minimumNumberOfCalls 100, failureRateThreshold 50 %,
/// waitDurationInOpenState 60 s, permittedNumberOfCallsInHalfOpenState 10, and slow calls only
/// above 60 s, which no call here takes. Written from the documentation. Not thread-safe.
class Resilience4jBreaker {
 public:
  struct Permit {
    int period = 0;
  };

  explicit Resilience4jBreaker(const Clock& clock) : clock_(clock) {}

  bool try_acquire(Permit& permit) {
    if (state_ == State::open && clock_.now() >= open_until_) enter(State::half_open);
    permit.period = period_;
    if (state_ == State::open) return false;
    return state_ == State::closed || admitted_++ < half_open_calls;
  }

  void record(const Permit& permit, bool has_failed) {
    if (permit.period != period_) return;
    results_.push_back(has_failed);
    failures_ += has_failed ? 1 : 0;
    const std::size_t size = state_ == State::half_open ? half_open_calls : window;
    if (results_.size() > size) {
      failures_ -= results_.front() ? 1 : 0;
      results_.pop_front();
    }
    if (results_.size() < size) return;
    if (2 * failures_ >= static_cast<int>(size)) {
      open_until_ = clock_.now() + std::chrono::seconds(60);
      enter(State::open);
    } else if (state_ == State::half_open) {
      enter(State::closed);
    }
  }

 private:
  enum class State { closed, open, half_open };
  static constexpr int half_open_calls = 10;
  static constexpr std::size_t window = 100;  // and the minimum number of calls

  void enter(State state) {
    state_ = state;
    ++period_;
    results_.clear();
    failures_ = admitted_ = 0;
  }

  const Clock& clock_;
  State state_ = State::closed;
  int period_ = 0, failures_ = 0, admitted_ = 0;
  std::deque<bool> results_;
  Clock::time_point open_until_;
};

}  // namespace reelmill::simulation
