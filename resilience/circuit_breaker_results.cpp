// SPDX-License-Identifier: Apache-2.0
// Results: what becomes of a call's outcome, and when outcomes trip a breaker or decide its probes.
#include <spdlog/fmt/fmt.h>

#include "resilience/circuit_breaker.h"
#include "resilience/failure_class.h"

namespace reelmill {

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
  const CircuitMode mode = mode_of(word_.load(std::memory_order_relaxed));
  calls_ += stripes_.drain();
  const std::uint64_t position = calls_++;

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
  if (mode == CircuitMode::metrics_only) {
    record_would_be(std::move(reason), has_failed ? 0 : 1);
  } else if (reason) {
    open(std::move(*reason), clock_.now(), retry_after);
  } else {
    start_stripes_when_due();
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

}  // namespace reelmill
