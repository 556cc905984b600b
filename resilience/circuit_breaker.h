// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "resilience/break_schedule.h"
#include "resilience/change_detector.h"
#include "resilience/circuit_breaker_options.h"
#include "resilience/circuit_state.h"
#include "resilience/event_queue.h"
#include "resilience/outcome_window.h"
#include "resilience/probe_slots.h"
#include "resilience/striped_count.h"
#include "resilience/success_stripes.h"

namespace reelmill {

class CircuitBreaker;

/// The right to make one call, to be answered with what became of it. Move-only; not thread-safe,
/// but may be answered on another thread than it was acquired on. Must not outlive its breaker.
class [[nodiscard]] Permit {
 public:
  Permit(Permit&& other) noexcept
      : breaker_(std::exchange(other.breaker_, nullptr)),
        generation_(other.generation_),
        started_(other.started_),
        deadline_(other.deadline_) {}
  Permit& operator=(Permit&& other) noexcept;
  ~Permit() {
    if (breaker_ != nullptr) ignore();
  }

  /// The call was answered. With `work_units` a call is slow when it took longer for each unit.
  void succeed(double work_units = 1);
  /// The call failed; the kind says whether that is the service's fault.
  void fail(const Error& error);
  /// It says nothing about the service. A permit destroyed unanswered is ignored.
  void ignore();

 private:
  friend class CircuitBreaker;
  Permit(CircuitBreaker* breaker, std::uint64_t generation, Clock::time_point started,
         Clock::time_point deadline)
      : breaker_(breaker), generation_(generation), started_(started), deadline_(deadline) {}

  CircuitBreaker* breaker_;
  std::uint64_t generation_;
  Clock::time_point started_, deadline_;
};

/// Stops calls to a service that is down, and finds out when it is back.
///
/// It judges results and admits calls; it makes no calls, and knows no threads or timers of its
/// own: what time brings is evaluated lazily on the next call of any member. Every change of state
/// starts a new generation, and a result from an older one changes nothing but a counter.
///
/// Thread-safe. A healthy closed breaker costs one load to acquire and one compare-and-swap to
/// succeed, on a cache line that threads do not share; an open one, a read of the clock and a count
/// that only this thread writes. Failures, slow calls, the first `minimum_calls` of a generation
/// and changes of state take a mutex. Nothing on the paths of a closed success or an open refusal
/// allocates. The clock is read on a success only where an option needs it (slow calls, a time
/// window).
class CircuitBreaker {
 public:
  /// Throws std::invalid_argument with every problem of the options; use validate() or
  /// Guard::make to get them as values.
  CircuitBreaker(std::string name, CircuitBreakerOptions options, Clock& clock,
                 Random& random = default_random());
  CircuitBreaker(const CircuitBreaker&) = delete;
  CircuitBreaker& operator=(const CircuitBreaker&) = delete;

  /// A permit, or Error{circuit_open} whose `retry_after` says when to ask again.
  Result<Permit> acquire();

  CircuitState state() const;
  CircuitMode mode() const;
  /// Does nothing when the breaker is in that mode already. forced_open is left through half-open;
  /// every other mode begins closed.
  void set_mode(CircuitMode mode);
  /// As new, apart from the totals, the mode and the listeners.
  void reset();
  CircuitSnapshot snapshot() const;
  /// When the next call may be admitted: min() when now, max() when only the mode can say.
  Clock::time_point next_admission() const;
  /// Called outside every lock, in the order of the transitions.
  void on_transition(std::function<void(const CircuitTransition&)> listener);

  const std::string& name() const { return name_; }
  const CircuitBreakerOptions& options() const { return options_; }

 private:
  friend class Permit;

  // One word holds what every call looks at and only transitions write: the generation (60 bits),
  // the phase (2) and the mode (2). Closed in automatic mode, it is the generation and no more.
  enum class Phase : std::uint64_t { closed, open, half_open, ramping };
  static constexpr int phase_shift = 60, mode_shift = 62;
  static constexpr std::uint64_t generation_mask = (1ULL << phase_shift) - 1;
  static constexpr std::uint64_t automatically_open = 1ULL << phase_shift;
  static constexpr std::uint64_t never_judged = std::numeric_limits<std::uint64_t>::max();

  static std::uint64_t generation_of(std::uint64_t word) { return word & generation_mask; }
  static Phase phase_of(std::uint64_t word) {
    return static_cast<Phase>((word >> phase_shift) & 3U);
  }
  static CircuitMode mode_of(std::uint64_t word) {
    return static_cast<CircuitMode>(word >> mode_shift);
  }
  static CircuitState visible(Phase phase) {
    return phase == Phase::open        ? CircuitState::open
           : phase == Phase::half_open ? CircuitState::half_open
                                       : CircuitState::closed;
  }

  enum class Outcome { success, slow_success, failure, throttled, ignored };

  void report_success(const Permit& permit, double work_units);
  void report_failure(const Permit& permit, const Error& error);
  void report_ignored(const Permit& permit);
  Result<Permit> acquire_elsewhere(std::uint64_t word);
  Result<Permit> acquire_slowly(std::uint64_t word);
  bool was_slow(const Permit& permit, double work_units) const;
  void report(const Permit& permit, Outcome outcome, Duration retry_after);

  // With the mutex held.
  Result<Permit> acquire_locked(Clock::time_point now);
  Result<Permit> acquire_ramping(std::uint64_t word, Clock::time_point now);
  void record_closed(Outcome outcome, Clock::time_point now, Duration retry_after);
  void record_probe(const Permit& permit, Outcome outcome, Clock::time_point now,
                    Duration retry_after);
  void count_failure_row(Outcome outcome, std::uint64_t position);
  bool advance_detector(Outcome outcome, std::uint64_t position);
  std::optional<std::string> trip_reason(WindowCounts counts, bool has_alarmed) const;
  void record_would_be(std::optional<std::string> reason, std::uint64_t success);
  WindowCounts window_counts(Clock::time_point now);
  void expire_probes(Clock::time_point now);
  void judge_probes(Clock::time_point at, Duration retry_after);
  void open(std::string reason, Clock::time_point at, Duration retry_after);
  void close(std::string_view reason, Clock::time_point at);
  void enter(Phase phase, CircuitMode mode, std::string_view reason, Clock::time_point at);
  void clear_window(std::uint64_t from);
  void start_stripes_when_due();
  std::uint64_t recorded_calls() const;
  Clock::time_point admission_locked() const;

  // Three loads in a row find a virtual function, and a read of the clock waits for all of them.
  Clock::time_point now() const {
    return is_system_clock_ ? std::chrono::steady_clock::now() : clock_.now();
  }
  Duration time_left(Clock::time_point now) const {
    return Clock::time_point(Duration(open_until_.load(std::memory_order_relaxed))) - now;
  }
  void let_time_pass(Clock::time_point now) const;

  const std::string name_;
  const CircuitBreakerOptions options_;
  Clock& clock_;
  const bool is_system_clock_;
  const int failure_threshold_;  ///< 0 = off
  const double failure_rate_threshold_;
  const bool watches_slow_;
  const std::uint64_t minimum_calls_;  ///< at this count the rates are judged

  alignas(64) std::atomic<std::uint64_t> word_{0};
  std::atomic<Duration::rep> open_until_{0};  ///< written before the word that says open
  StripedCount refused_;
  std::atomic<std::uint64_t> ignored_{0}, stale_{0};
  SuccessStripes stripes_;  ///< successes that needed no lock and are not in calls_ yet

  mutable std::mutex mutex_;
  std::uint64_t calls_ = 0;  ///< recorded in this generation, without those in stripes_
  std::uint64_t generation_failures_ = 0;  ///< of this generation while closed
  std::uint64_t successes_ = 0, failures_ = 0, slow_ = 0, trips_ = 0;
  std::uint64_t row_ = 0, row_next_ = 0;  ///< consecutive failures, and the position after them
  std::uint64_t window_from_ = 0;         ///< position at which the window was last cleared
  std::uint64_t detector_position_ = 0;   ///< calls before it were told to the detector
  std::optional<CountWindow> count_window_;
  std::optional<TimeWindow> time_window_;
  std::optional<ChangeDetector> detector_;
  ProbeSlots probes_;
  BreakSchedule schedule_;
  Clock::time_point ramp_from_;
  double ramp_credit_ = 0;
  bool would_be_open_ = false;     ///< metrics_only: reported, and not over yet
  std::uint64_t healthy_row_ = 0;  ///< metrics_only: successes in a row since then
  Clock::time_point changed_at_;
  EventQueue<CircuitTransition> transitions_;
};

inline Result<Permit> CircuitBreaker::acquire() {
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  if (word <= generation_mask) [[likely]] {
    return Permit(this, word, watches_slow_ ? now() : Clock::time_point(),
                  Clock::time_point::max());
  }
  return acquire_elsewhere(word);
}

inline bool CircuitBreaker::was_slow(const Permit& permit, double work_units) const {
  const Duration elapsed = now() - permit.started_;
  // One unit is compared in whole nanoseconds, since a double would round long calls.
  return work_units > 0 && work_units != 1
             ? static_cast<double>(elapsed.count()) >
                   static_cast<double>(options_.slow_call_duration.count()) * work_units
             : elapsed > options_.slow_call_duration;
}

inline void CircuitBreaker::report_success(const Permit& permit, double work_units) {
  const Outcome outcome =
      watches_slow_ && was_slow(permit, work_units) ? Outcome::slow_success : Outcome::success;
  if (outcome == Outcome::success && stripes_.add(permit.generation_)) return;
  report(permit, outcome, Duration::zero());
}

inline Permit& Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    if (breaker_ != nullptr) ignore();
    breaker_ = std::exchange(other.breaker_, nullptr);
    generation_ = other.generation_;
    started_ = other.started_;
    deadline_ = other.deadline_;
  }
  return *this;
}

inline void Permit::succeed(double work_units) {
  if (auto* breaker = std::exchange(breaker_, nullptr)) breaker->report_success(*this, work_units);
}

inline void Permit::fail(const Error& error) {
  if (auto* breaker = std::exchange(breaker_, nullptr)) breaker->report_failure(*this, error);
}

inline void Permit::ignore() {
  if (auto* breaker = std::exchange(breaker_, nullptr)) breaker->report_ignored(*this);
}

}  // namespace reelmill
