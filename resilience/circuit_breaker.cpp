// SPDX-License-Identifier: Apache-2.0
#include "resilience/circuit_breaker.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <spdlog/fmt/fmt.h>

#include "resilience/failure_class.h"
#include "resilience/option_problems.h"

namespace reelmill {
namespace {

// std::string keeps it without allocating. Four bytes are stored as they are read when the string
// is moved; other lengths are read across two stores, and the processor waits for both.
constexpr const char* refusal = "open";
constexpr double certainly = 1 - 1e-9;  // credit sums are not exact

CircuitBreakerOptions checked(CircuitBreakerOptions options) {
  if (const auto problems = validate(options); !problems.empty()) {
    throw std::invalid_argument("circuit breaker: " + joined(problems));
  }
  return options;
}

Result<Permit> refuse(Duration retry_after) {
  return Result<Permit>(tl::unexpect, Error{ErrorKind::circuit_open, refusal, retry_after, false});
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

std::uint64_t judged_from(const CircuitBreakerOptions& options) {
  if (rate_threshold(options) > 1 && !watches_slow_calls(options)) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  const int most = options.window_calls > 0 ? options.window_calls : options.minimum_calls;
  return static_cast<std::uint64_t>(std::min(options.minimum_calls, most));
}

}  // namespace

std::string_view to_string(CircuitState state) noexcept {
  switch (state) {
    case CircuitState::closed:
      return "closed";
    case CircuitState::open:
      return "open";
    case CircuitState::half_open:
      return "half_open";
  }
  return "unknown";
}

std::string_view to_string(CircuitMode mode) noexcept {
  switch (mode) {
    case CircuitMode::automatic:
      return "automatic";
    case CircuitMode::forced_open:
      return "forced_open";
    case CircuitMode::disabled:
      return "disabled";
    case CircuitMode::metrics_only:
      return "metrics_only";
  }
  return "unknown";
}

CircuitBreaker::CircuitBreaker(std::string name, CircuitBreakerOptions options, Clock& clock,
                               Random& random)
    : name_(std::move(name)),
      options_(checked(options)),
      clock_(clock),
      failure_threshold_(consecutive_threshold(options_)),
      failure_rate_threshold_(rate_threshold(options_)),
      watches_slow_(watches_slow_calls(options_)),
      records_fast_(options_.window_calls > 0),
      minimum_calls_(judged_from(options_)),
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
}

Result<Permit> CircuitBreaker::acquire_slowly(std::uint64_t word) {
  if (mode_of(word) == CircuitMode::forced_open) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return refuse(Duration::zero());
  }
  if (mode_of(word) != CircuitMode::automatic) {
    return Permit(this, generation_of(word), watches_slow_ ? clock_.now() : Clock::time_point(),
                  Clock::time_point::max());
  }
  const auto now = clock_.now();
  if (phase_of(word) == Phase::open) {
    const Duration left = time_left(now);
    if (left > Duration::zero()) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return refuse(left);
    }
  }
  auto permit = [&] {
    std::lock_guard lock(mutex_);
    return acquire_locked(now);
  }();
  transitions_.deliver();
  return permit;
}

Result<Permit> CircuitBreaker::acquire_locked(Clock::time_point now) {
  expire_probes(now);
  std::uint64_t word = word_.load(std::memory_order_relaxed);
  if (mode_of(word) == CircuitMode::forced_open) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return refuse(Duration::zero());
  }
  if (mode_of(word) == CircuitMode::automatic && phase_of(word) == Phase::open &&
      time_left(now) <= Duration::zero()) {
    enter(Phase::half_open, CircuitMode::automatic, "break is over", now);
    word = word_.load(std::memory_order_relaxed);
  }
  switch (phase_of(word)) {
    case Phase::open:
      refused_.fetch_add(1, std::memory_order_relaxed);
      return refuse(time_left(now));
    case Phase::half_open: {
      if (!probes_.has_place()) {
        refused_.fetch_add(1, std::memory_order_relaxed);
        const auto earliest = probes_.earliest();
        return refuse(earliest == Clock::time_point::max() ? Duration::zero() : earliest - now);
      }
      const Duration limit =
          options_.probe_timeout > Duration::zero() ? options_.probe_timeout : options_.timeout;
      // Without either there is no time after which a probe is lost.
      const auto deadline =
          limit > Duration::zero() ? saturating_add(now, limit) : Clock::time_point::max();
      probes_.take(deadline);
      return Permit(this, generation_of(word), now, deadline);
    }
    case Phase::ramping:
      return acquire_ramping(word, now);
    case Phase::closed:
      break;
  }
  return Permit(this, generation_of(word), now, Clock::time_point::max());
}

Result<Permit> CircuitBreaker::acquire_ramping(std::uint64_t word, Clock::time_point now) {
  const auto steps = std::max<Duration::rep>(0, (now - ramp_from_) / options_.ramp_step);
  const double share =
      std::ldexp(options_.ramp_start, static_cast<int>(std::min<Duration::rep>(steps, 64)));
  if (share >= 1) {
    word_.fetch_and(~(3ULL << phase_shift), std::memory_order_release);  // same generation, closed
    return Permit(this, generation_of(word), now, Clock::time_point::max());
  }
  ramp_credit_ += share;
  if (ramp_credit_ < certainly) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return refuse(ramp_from_ + (steps + 1) * options_.ramp_step - now);
  }
  ramp_credit_ -= 1;
  return Permit(this, generation_of(word), now, Clock::time_point::max());
}

void CircuitBreaker::report_failure(const Permit& permit, const Error& error) {
  switch (classify(error.kind)) {
    case FailureClass::service_failure:
      report(permit, error.kind == ErrorKind::throttled ? Outcome::throttled : Outcome::failure,
             error.retry_after);
      break;
    case FailureClass::answered:
      report_success(permit, 1);
      break;
    case FailureClass::refused:
    case FailureClass::own:
      report_ignored(permit);
      break;
  }
}

void CircuitBreaker::report_ignored(const Permit& permit) {
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  if (generation_of(word) != permit.generation_) {
    stale_.fetch_add(1, std::memory_order_relaxed);
  } else if (phase_of(word) == Phase::half_open) {
    report(permit, Outcome::ignored, Duration::zero());
  } else if (mode_of(word) != CircuitMode::disabled) {
    ignored_.fetch_add(1, std::memory_order_relaxed);
  }
}

void CircuitBreaker::report(const Permit& permit, Outcome outcome, Duration retry_after) {
  {
    std::lock_guard lock(mutex_);
    // Read here, not before the lock: a probe that another thread saw expire must be expired here.
    const bool is_probing = phase_of(word_.load(std::memory_order_relaxed)) == Phase::half_open;
    const auto now = is_probing || time_window_ ? clock_.now() : Clock::time_point();
    expire_probes(now);
    const std::uint64_t word = word_.load(std::memory_order_relaxed);
    if (generation_of(word) != permit.generation_) {
      stale_.fetch_add(1, std::memory_order_relaxed);
    } else if (phase_of(word) == Phase::half_open) {
      record_probe(permit, outcome, now, retry_after);
    } else if (mode_of(word) != CircuitMode::disabled) {
      record_closed(outcome, now, retry_after);
    }
  }
  transitions_.deliver();
}

void CircuitBreaker::record_closed(Outcome outcome, Clock::time_point now, Duration retry_after) {
  const bool has_failed = outcome == Outcome::failure || outcome == Outcome::throttled;
  const bool is_slow = outcome == Outcome::slow_success;
  // No lock-free success can slip in between a change of generation and this: both hold the mutex.
  const std::uint64_t before = word_.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t position = calls_before_ + calls_of(before);
  if (calls_of(before) + 1 >= calls_limit) move_calls(calls_limit / 2);

  failures_ += has_failed ? 1 : 0;
  generation_failures_ += has_failed ? 1 : 0;
  slow_ += is_slow ? 1 : 0;
  count_failure_row(outcome, position);
  if (time_window_) time_window_->add(now, has_failed, is_slow);
  if (count_window_ && has_failed) count_window_->add_failure(position - window_from_);
  if (count_window_ && is_slow) count_window_->add_slow(position - window_from_);
  const bool has_alarmed = has_failed && detector_ && advance_detector(outcome, position);

  const WindowCounts counts = window_counts(now);
  std::optional<std::string> reason;
  if (has_failed || is_slow || counts.calls == minimum_calls_) {
    reason = trip_reason(counts, has_alarmed);
  }
  if (mode_of(before) == CircuitMode::metrics_only) {
    record_would_be(std::move(reason), has_failed ? 0 : 1);
  } else if (reason) {
    open(std::move(*reason), clock_.now(), retry_after);
  }
}

void CircuitBreaker::count_failure_row(Outcome outcome, std::uint64_t position) {
  // Successes are not written down, so a row goes on only where a failure follows directly.
  const bool follows = position == row_next_;
  if (outcome == Outcome::failure) {
    row_ = follows ? row_ + 1 : 1;
  } else if (outcome != Outcome::throttled || !follows) {
    row_ = 0;
  }
  row_next_ = position + 1;
}

bool CircuitBreaker::advance_detector(Outcome outcome, std::uint64_t position) {
  detector_->successes(position - detector_position_);
  detector_position_ = position + 1;
  // Slowing down is the limiter's work: a breaker that opens on throttling fails calls that the
  // limiter would only have held back.
  return outcome != Outcome::throttled && detector_->failure();
}

std::optional<std::string> CircuitBreaker::trip_reason(WindowCounts counts,
                                                       bool has_alarmed) const {
  if (failure_threshold_ > 0 && row_ >= static_cast<std::uint64_t>(failure_threshold_)) {
    return fmt::format("{} consecutive failures", row_);
  }
  if (counts.calls >= minimum_calls_) {
    if (counts.failure_rate() >= failure_rate_threshold_) {
      return fmt::format("{} of {} calls failed", counts.failures, counts.calls);
    }
    if (watches_slow_ && counts.slow_rate() >= options_.slow_call_rate_threshold) {
      return fmt::format("{} of {} calls were slow", counts.slow, counts.calls);
    }
  }
  if (has_alarmed) {
    return fmt::format("fails more often than the learned {:.2g} %",
                       detector_->healthy_rate() * 100);
  }
  return std::nullopt;
}

void CircuitBreaker::record_would_be(std::optional<std::string> reason, std::uint64_t success) {
  if (would_be_open_) {
    healthy_row_ = success == 0 ? 0 : healthy_row_ + 1;
    if (healthy_row_ >= static_cast<std::uint64_t>(options_.success_threshold)) {
      would_be_open_ = false;
      const std::uint64_t calls = recorded_calls();
      if (detector_) detector_->successes(calls - detector_position_);
      clear_window(calls);
    }
  } else if (reason) {
    would_be_open_ = true;
    healthy_row_ = 0;
    ++trips_;
    transitions_.add({name_, CircuitState::closed, CircuitState::open, "would open: " + *reason,
                      clock_.now(), true});
  }
}

void CircuitBreaker::record_probe(const Permit& permit, Outcome outcome, Clock::time_point now,
                                  Duration retry_after) {
  if (permit.deadline_ <= now && permit.deadline_ != Clock::time_point::max()) {
    stale_.fetch_add(1, std::memory_order_relaxed);  // decided as a failure at its deadline
    return;
  }
  switch (outcome) {
    case Outcome::ignored:
      ignored_.fetch_add(1, std::memory_order_relaxed);
      probes_.give_back(permit.deadline_);
      return;
    case Outcome::success:
      ++successes_;
      probes_.succeed(permit.deadline_);
      break;
    case Outcome::slow_success:
      ++successes_;
      ++slow_;
      probes_.fail(permit.deadline_);
      break;
    case Outcome::failure:
    case Outcome::throttled:
      ++failures_;
      probes_.fail(permit.deadline_);
      break;
  }
  judge_probes(now, retry_after);
}

void CircuitBreaker::expire_probes(Clock::time_point now) {
  while (phase_of(word_.load(std::memory_order_relaxed)) == Phase::half_open &&
         probes_.earliest() <= now && probes_.earliest() != Clock::time_point::max()) {
    const auto deadline = probes_.earliest();
    ++failures_;
    probes_.fail(deadline);
    judge_probes(deadline, Duration::zero());
  }
}

void CircuitBreaker::judge_probes(Clock::time_point at, Duration retry_after) {
  if (probes_.is_passed()) {
    close("probes succeeded", at);
  } else if (probes_.is_failed()) {
    open("probes failed", at, retry_after);
  }
}

WindowCounts CircuitBreaker::window_counts(Clock::time_point now) {
  return time_window_ ? time_window_->counts(now)
                      : count_window_->counts(recorded_calls() - window_from_);
}

std::uint64_t CircuitBreaker::recorded_calls() const {
  return calls_before_ + calls_of(word_.load(std::memory_order_relaxed));
}

void CircuitBreaker::move_calls(std::uint64_t calls) {
  word_.fetch_sub(calls, std::memory_order_relaxed);
  calls_before_ += calls;
}

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
                             ((generation << generation_shift) & ((1ULL << phase_shift) - 1));
  // From here on no success of the old generation can be recorded: `old` holds the last count.
  const std::uint64_t old = word_.exchange(next, std::memory_order_acq_rel);
  const std::uint64_t calls = calls_before_ + calls_of(old);
  successes_ += calls - generation_failures_;
  if (detector_) detector_->successes(calls - detector_position_);
  calls_before_ = generation_failures_ = row_next_ = 0;
  would_be_open_ = false;
  clear_window(0);
  probes_.clear();

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

Duration CircuitBreaker::time_left(Clock::time_point now) const {
  return Clock::time_point(Duration(open_until_.load(std::memory_order_relaxed))) - now;
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
  snapshot.refused = refused_.load(std::memory_order_relaxed);
  snapshot.stale = stale_.load(std::memory_order_relaxed);
  snapshot.trips = trips_;
  snapshot.changed_at = changed_at_;
  return snapshot;
}

}  // namespace reelmill
