// SPDX-License-Identifier: Apache-2.0
// Transitions: every change of state or mode, and the generation that begins with it.
#include <spdlog/fmt/fmt.h>

#include "resilience/circuit_breaker.h"

namespace reelmill {

void CircuitBreaker::open(std::string reason, Clock::time_point at, Duration retry_after) {
  const auto until = saturating_add(at, schedule_.next(at, retry_after));
  open_until_.store(until.time_since_epoch().count(), std::memory_order_relaxed);
  ++trips_;
  enter(Phase::open, CircuitMode::automatic, reason, at);
}

void CircuitBreaker::close(std::string_view reason, Clock::time_point at) {
  schedule_.closed(at);
  const bool ramps = options_.ramp_step > Duration::zero() && options_.ramp_start < 1;
  ramp_from_ = at;
  ramp_credit_ = 1 - options_.ramp_start;  // the first call is admitted
  enter(ramps ? Phase::ramping : Phase::closed, CircuitMode::automatic, reason, at);
}

void CircuitBreaker::enter(Phase phase, CircuitMode mode, std::string_view reason,
                           Clock::time_point at) {
  const std::uint64_t generation = generation_of(word_.load(std::memory_order_relaxed)) + 1;
  const std::uint64_t next = static_cast<std::uint64_t>(mode) << mode_shift |
                             static_cast<std::uint64_t>(phase) << phase_shift |
                             (generation & generation_mask);
  const std::uint64_t old = word_.exchange(next, std::memory_order_acq_rel);
  // From here on no success of the old generation can be recorded.
  const std::uint64_t calls = calls_ + stripes_.stop();
  successes_ += calls - generation_failures_;
  if (detector_) detector_->successes(calls - detector_position_);
  calls_ = generation_failures_ = row_next_ = 0;
  would_be_open_ = false;
  clear_window(0);
  probes_.clear();
  start_stripes_when_due();

  const CircuitState from = visible(phase_of(old)), to = visible(phase);
  if (from == to) return;
  changed_at_ = at;
  transitions_.add({name_, from, to, std::string(reason), at, false});
}

void CircuitBreaker::clear_window(std::uint64_t from) {
  row_ = 0;
  window_from_ = detector_position_ = from;
  if (count_window_) count_window_->clear();
  if (time_window_) time_window_->clear();
  if (detector_) detector_->clear();
}

void CircuitBreaker::set_mode(CircuitMode mode) {
  {
    std::lock_guard lock(mutex_);
    const auto now = clock_.now();
    expire_probes(now);
    const CircuitMode old = mode_of(word_.load(std::memory_order_relaxed));
    if (mode == old) return;
    const bool is_probed = old == CircuitMode::forced_open && mode == CircuitMode::automatic;
    const Phase phase = mode == CircuitMode::forced_open ? Phase::open
                        : is_probed                      ? Phase::half_open
                                                         : Phase::closed;
    if (phase == Phase::closed) schedule_.closed(now);
    enter(phase, mode, fmt::format("mode {}", to_string(mode)), now);
  }
  transitions_.deliver();
}

void CircuitBreaker::reset() {
  {
    std::lock_guard lock(mutex_);
    const auto now = clock_.now();
    const CircuitMode mode = mode_of(word_.load(std::memory_order_relaxed));
    enter(mode == CircuitMode::forced_open ? Phase::open : Phase::closed, mode, "reset", now);
    schedule_.reset(now);
    if (detector_) detector_.emplace(options_.false_trip_calls, options_.learn_calls);
  }
  transitions_.deliver();
}

void CircuitBreaker::start_stripes_when_due() {
  // A success needs a lock where it may trip the breaker, which is where it completes the minimum,
  // and where it must be written down, in a time window. Neither while ramping or under a mode.
  const std::uint64_t word = word_.load(std::memory_order_relaxed);
  const bool is_due = count_window_ && word <= generation_mask &&
                      (minimum_calls_ == never_judged || calls_ >= minimum_calls_);
  if (is_due && !stripes_.is_counting()) stripes_.start(word);
}

}  // namespace reelmill
