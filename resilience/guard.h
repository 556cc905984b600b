// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "resilience/call_context.h"
#include "resilience/circuit_breaker.h"
#include "resilience/concurrency_limit.h"
#include "resilience/event_queue.h"
#include "resilience/guard_options.h"
#include "resilience/hedge.h"
#include "resilience/idempotency.h"
#include "resilience/latency_percentile.h"
#include "resilience/operator_hold.h"
#include "resilience/pause_meter.h"
#include "resilience/rate_limiter.h"
#include "resilience/retry.h"

namespace reelmill {

/// The breaker's state, or that only a person can help.
enum class GuardState { closed, open, half_open, needs_operator };

std::string_view to_string(GuardState state) noexcept;

/// Which part of a guard refused an attempt, outermost first.
enum class RefusedBy { operator_hold, breaker, rate, concurrency };
inline constexpr std::size_t refusing_parts = 4;

std::string_view to_string(RefusedBy part) noexcept;

/// A change of a guard's state.
struct GuardEvent {
  std::string guard;
  GuardState from, to;
  std::string reason;
  Clock::time_point at;

  /// `closed -> open: 5 consecutive failures`
  std::string text() const;
};

/// A guard at one moment; totals since it was made.
struct GuardSnapshot {
  std::string name;
  GuardState state = GuardState::closed;
  std::string message;      ///< for the operator; empty unless needs_operator
  std::uint64_t calls = 0;  ///< attempts that were admitted
  std::uint64_t successes = 0;
  std::uint64_t failures = 0;  ///< errors of any kind that the service is answerable for or sent
  std::uint64_t refused = 0;   ///< attempts that were not made
  std::array<std::uint64_t, refusing_parts> refused_by{};  ///< index: RefusedBy
  std::uint64_t retries = 0;
  std::uint64_t openings = 0;    ///< of the breaker
  std::uint64_t hedges = 0;      ///< second calls made
  std::uint64_t hedge_wins = 0;  ///< of which were first
  Duration paused{0};            ///< time the breaker was open or an operator was needed
  Duration retry_delay{0};       ///< sum of the delays before retries
  double budget_left = 0, budget_capacity = 0;
  RetrySnapshot retry;
  std::optional<CircuitSnapshot> breaker;
  std::optional<double> rate_per_second;
  std::optional<int> concurrency_limit, in_flight;
};

/// The protection around one service, in one fixed order, outermost first:
///
///     total timeout > retry > hedge > operator hold > breaker > rate > concurrency > attempt
///     timeout
///
/// `call` blocks and does it all. `attempt` makes one attempt, never sleeps, and leaves retries to
/// the caller, who asks a session from `begin` for the next delay: that is what a lane does, so
/// that a wait holds no thread:
///
///     RetrySession session = guard->begin(Idempotency::idempotent);
///     auto result = guard->attempt({.deadline = session.deadline(), .item = name}, call);
///     if (result) session.succeeded();
///     else if (auto delay = session.next_delay(result.error())) requeue(now + *delay);
///
/// A leg that sees `circuit_open` should hold its whole queue until `paused_until()`, or until an
/// event says that the state has changed, rather than drain it into refusals.
///
/// Timeouts are deadlines handed to the call (CallContext), which must heed them: no thread is ever
/// killed. What a call throws counts as a failure and reaches the caller. Thread-safe.
class Guard {
 public:
  /// Refuses options outside their range, all problems at once: Error{invalid_input}.
  static Result<std::shared_ptr<Guard>> make(std::string name, GuardOptions options,
                                             Clock& clock = system_clock(),
                                             Random& random = default_random());
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  /// `f(const CallContext&) -> Result<T>`, retried and waited for here. An open breaker is
  /// returned at once as `circuit_open`; our own rate and concurrency limits are waited for.
  template <class F>
  auto call(Idempotency idempotency, F&& f, Clock::time_point deadline = Clock::time_point::max(),
            std::stop_token stop = {}) -> std::invoke_result_t<F&, const CallContext&>;

  /// One attempt through operator hold, breaker, rate, concurrency and attempt timeout.
  template <class F>
  auto attempt(const CallContext& context, F&& f) -> std::invoke_result_t<F&, const CallContext&>;

  /// The same, and where the guard hedges and this takes unusually long, a second attempt beside
  /// it, so `f` must be safe to run twice at the same time. Blocks until both have ended.
  template <class F>
  auto hedged_attempt(Idempotency idempotency, const CallContext& context, F&& f)
      -> std::invoke_result_t<F&, const CallContext&>;

  /// The retries of one operation. Time during which the guard is paused is not counted in the
  /// total timeout. The session must not outlive the guard.
  RetrySession begin(Idempotency idempotency,
                     Clock::time_point deadline = Clock::time_point::max());

  GuardState state() const;
  GuardSnapshot snapshot() const;
  /// When an attempt may be admitted again: not after now when now (min() while nothing is wrong),
  /// max() when only an operator knows.
  /// Cheap while nothing is wrong.
  Clock::time_point paused_until() const;
  /// How often a service that refuses us (credentials, quota) is asked whether it still does.
  Duration probe_interval() const;

  /// An operator says that what was refused (credentials, quota) will work now.
  void resume();
  /// Mode of the breaker; nothing without one.
  void set_mode(CircuitMode mode);
  /// As new: closed and resumed; totals stay.
  void reset();
  /// Called outside every lock, in order.
  void on_event(std::function<void(const GuardEvent&)> listener);

  const std::string& name() const { return name_; }
  const GuardOptions& options() const { return options_; }
  CircuitBreaker* breaker() { return breaker_ ? &*breaker_ : nullptr; }

 private:
  /// What an admitted attempt holds.
  struct Admission {
    std::optional<Permit> permit = std::nullopt;
    std::optional<Slot> slot = std::nullopt;
    CallContext context;
    Clock::time_point started = {};
    bool is_probe = false;  ///< of the operator hold
  };

  Guard(std::string name, GuardOptions options, Clock& clock, Random& random);
  Result<Admission> admit(const CallContext& context);
  tl::unexpected<Error> refuse(RefusedBy part, Error error, bool is_probe);
  void succeeded(Admission& admission);
  void failed(Admission& admission, const Error& error);
  std::optional<Duration> hedge_delay(Idempotency idempotency) const;
  bool may_hedge();
  void hedged(HedgeWinner winner, bool has_succeeded);
  Status wait(Duration delay, const std::stop_token& stop);
  void announce(GuardState from, GuardState to, std::string reason, Clock::time_point at);
  void released(OperatorHold::Change change, std::string_view reason);
  GuardState breaker_state() const;

  const std::string name_;
  const GuardOptions options_;
  Clock& clock_;
  const bool needs_start_;  ///< someone asks when an attempt began
  EventQueue<GuardEvent> events_;
  PauseMeter paused_;
  OperatorHold hold_;
  Retry retry_;
  std::optional<CircuitBreaker> breaker_;
  std::optional<RateLimiter> rate_;
  std::optional<ConcurrencyLimit> concurrency_;
  LatencyPercentile latencies_;
  std::atomic<std::uint64_t> calls_{0}, successes_{0}, failures_{0};
  std::array<std::atomic<std::uint64_t>, refusing_parts> refused_by_{};
  std::atomic<std::uint64_t> hedges_{0}, hedge_wins_{0};
};

template <class F>
auto Guard::attempt(const CallContext& context, F&& f)
    -> std::invoke_result_t<F&, const CallContext&> {
  auto admission = admit(context);
  if (!admission) return tl::unexpected<Error>(std::move(admission).error());
  try {
    auto result = f(std::as_const(admission->context));
    if (result) {
      succeeded(*admission);
    } else {
      failed(*admission, result.error());
    }
    return result;
  } catch (...) {
    failed(*admission, Error{ErrorKind::internal, "exception"});
    throw;
  }
}

template <class F>
auto Guard::hedged_attempt(Idempotency idempotency, const CallContext& context, F&& f)
    -> std::invoke_result_t<F&, const CallContext&> {
  const auto delay = hedge_delay(idempotency);
  if (!delay) return attempt(context, f);
  auto [result, winner] = hedged_call<std::invoke_result_t<F&, const CallContext&>>(
      clock_, *delay, context, [&] { return may_hedge(); },
      [&](const CallContext& leg) { return attempt(leg, f); });
  hedged(winner, result.has_value());
  return std::move(result);
}

template <class F>
auto Guard::call(Idempotency idempotency, F&& f, Clock::time_point deadline, std::stop_token stop)
    -> std::invoke_result_t<F&, const CallContext&> {
  RetrySession session = retry_.begin(
      idempotency, RetryLimits{.deadline = deadline, .total_timeout = options_.total_timeout});
  CallContext context{.deadline = session.deadline(), .stop = stop};
  while (true) {
    context.attempt = session.attempts() + 1;
    auto outcome = hedged_attempt(idempotency, context, f);
    if (outcome) {
      session.succeeded();
      return outcome;
    }
    if (outcome.error().kind == ErrorKind::circuit_open) return outcome;
    const auto delay = session.next_delay(outcome.error());
    if (!delay) return outcome;
    if (auto waited = wait(*delay, stop); !waited) return fail(std::move(waited).error());
  }
}

/// Decorates a function with a guard: the result takes the function's arguments and goes through
/// `guard->call`. `f` returns a Result and may take a `const CallContext&` before its arguments;
/// these are passed as lvalues, since there may be several attempts.
template <class F>
auto guarded(std::shared_ptr<Guard> guard, Idempotency idempotency, F f) {
  return [guard = std::move(guard), idempotency, f = std::move(f)](auto&&... args) mutable {
    return guard->call(idempotency, [&](const CallContext& context) {
      if constexpr (std::is_invocable_v<F&, const CallContext&, decltype((args))...>) {
        return f(context, args...);
      } else {
        return f(args...);
      }
    });
  };
}

}  // namespace reelmill
