// SPDX-License-Identifier: Apache-2.0
// What a breaker is made of, and what it says about itself. The other files of its name admit
// calls, record results, and change its state.
#include "resilience/circuit_breaker.h"

#include <algorithm>
#include <stdexcept>

#include "resilience/option_problems.h"

namespace reelmill {
namespace {

CircuitBreakerOptions checked(CircuitBreakerOptions options) {
  if (const auto problems = validate(options); !problems.empty()) {
    throw std::invalid_argument("circuit breaker: " + joined(problems));
  }
  return options;
}

// Plain members cannot say whether they were set: one that differs from its default was.
int consecutive_threshold(const CircuitBreakerOptions& options) {
  const bool is_default = options.failure_threshold == CircuitBreakerOptions{}.failure_threshold;
  return options.adaptive && is_default ? 0 : options.failure_threshold;
}

double rate_threshold(const CircuitBreakerOptions& options) {
  const bool is_default =
      options.failure_rate_threshold == CircuitBreakerOptions{}.failure_rate_threshold;
  return options.adaptive && is_default ? 2 : options.failure_rate_threshold;
}

bool watches_slow_calls(const CircuitBreakerOptions& options) {
  return options.slow_call_duration > Duration::zero();
}

/// The number of calls from which on rates are judged; `never` without a rate to judge.
std::uint64_t judged_from(const CircuitBreakerOptions& options, std::uint64_t never) {
  if (rate_threshold(options) > 1 && !watches_slow_calls(options)) return never;
  const int most = options.window_calls > 0 ? options.window_calls : options.minimum_calls;
  return static_cast<std::uint64_t>(std::min(options.minimum_calls, most));
}

}  // namespace

CircuitBreaker::CircuitBreaker(std::string name, CircuitBreakerOptions options, Clock& clock,
                               Random& random)
    : name_(std::move(name)),
      options_(checked(options)),
      clock_(clock),
      is_system_clock_(dynamic_cast<SystemClock*>(&clock) != nullptr),
      failure_threshold_(consecutive_threshold(options_)),
      failure_rate_threshold_(rate_threshold(options_)),
      watches_slow_(watches_slow_calls(options_)),
      minimum_calls_(judged_from(options_, never_judged)),
      probes_(options_.effective_probes(), options_.success_threshold),
      schedule_(options_, random),
      changed_at_(clock.now()) {
  if (options_.window_calls > 0) {
    count_window_.emplace(options_.window_calls);
  } else {
    time_window_.emplace(options_.window_time, options_.window_buckets);
  }
  if (options_.adaptive) detector_.emplace(options_.false_trip_calls, options_.learn_calls);
  schedule_.reset(changed_at_);
  start_stripes_when_due();
}

void CircuitBreaker::on_transition(std::function<void(const CircuitTransition&)> listener) {
  transitions_.listen(std::move(listener));
}

void CircuitBreaker::let_time_pass(Clock::time_point now) const {
  if (phase_of(word_.load(std::memory_order_acquire)) != Phase::half_open) return;
  // Readers are const, yet may be the first to see that a probe was never answered.
  auto& self = const_cast<CircuitBreaker&>(*this);
  {
    std::lock_guard lock(mutex_);
    self.expire_probes(now);
  }
  self.transitions_.deliver();
}

CircuitState CircuitBreaker::state() const {
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  if (phase_of(word) != Phase::half_open) return visible(phase_of(word));
  let_time_pass(clock_.now());
  return visible(phase_of(word_.load(std::memory_order_acquire)));
}

CircuitMode CircuitBreaker::mode() const {
  return mode_of(word_.load(std::memory_order_acquire));
}

Clock::time_point CircuitBreaker::admission_locked() const {
  const std::uint64_t word = word_.load(std::memory_order_relaxed);
  if (mode_of(word) == CircuitMode::forced_open) return Clock::time_point::max();
  if (phase_of(word) == Phase::open) {
    return Clock::time_point(Duration(open_until_.load(std::memory_order_relaxed)));
  }
  if (phase_of(word) == Phase::half_open && !probes_.has_place()) return probes_.earliest();
  return Clock::time_point::min();
}

Clock::time_point CircuitBreaker::next_admission() const {
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  if (phase_of(word) == Phase::closed || phase_of(word) == Phase::ramping) {
    return Clock::time_point::min();
  }
  let_time_pass(clock_.now());
  std::lock_guard lock(mutex_);
  return admission_locked();
}

WindowCounts CircuitBreaker::window_counts(Clock::time_point now) {
  return time_window_ ? time_window_->counts(now)
                      : count_window_->counts(recorded_calls() - window_from_);
}

std::uint64_t CircuitBreaker::recorded_calls() const {
  return calls_ + stripes_.count();
}

CircuitSnapshot CircuitBreaker::snapshot() const {
  const auto now = clock_.now();
  let_time_pass(now);
  std::lock_guard lock(mutex_);
  const std::uint64_t word = word_.load(std::memory_order_relaxed);
  const WindowCounts counts = const_cast<CircuitBreaker&>(*this).window_counts(now);
  const auto admission = admission_locked();
  CircuitSnapshot snapshot;
  snapshot.state = visible(phase_of(word));
  snapshot.mode = mode_of(word);
  snapshot.failure_rate = counts.failure_rate();
  snapshot.slow_call_rate = counts.slow_rate();
  if (admission > now && admission != Clock::time_point::max()) {
    snapshot.retry_after = admission - now;
  }
  snapshot.successes = successes_ + recorded_calls() - generation_failures_;
  snapshot.failures = failures_;
  snapshot.slow = slow_;
  snapshot.ignored = ignored_.load(std::memory_order_relaxed);
  snapshot.refused = refused_.total();
  snapshot.stale = stale_.load(std::memory_order_relaxed);
  snapshot.trips = trips_;
  snapshot.changed_at = changed_at_;
  return snapshot;
}

}  // namespace reelmill
