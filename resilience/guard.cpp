// SPDX-License-Identifier: Apache-2.0
#include "resilience/guard.h"

#include <algorithm>

#include "resilience/failure_class.h"
#include "resilience/option_problems.h"

namespace reelmill {
namespace {

RetryOptions one_attempt() {
  return {.strategy = RetryStrategy::fixed, .max_attempts = 1};
}

GuardState guard_state(CircuitState state) {
  switch (state) {
    case CircuitState::closed:
      break;
    case CircuitState::open:
      return GuardState::open;
    case CircuitState::half_open:
      return GuardState::half_open;
  }
  return GuardState::closed;
}

}  // namespace

std::string_view to_string(GuardState state) noexcept {
  switch (state) {
    case GuardState::closed:
      return "closed";
    case GuardState::open:
      return "open";
    case GuardState::half_open:
      return "half_open";
    case GuardState::needs_operator:
      return "needs_operator";
  }
  return "unknown";
}

std::string_view to_string(RefusedBy part) noexcept {
  switch (part) {
    case RefusedBy::operator_hold:
      return "operator_hold";
    case RefusedBy::breaker:
      return "breaker";
    case RefusedBy::rate:
      return "rate";
    case RefusedBy::concurrency:
      return "concurrency";
  }
  return "unknown";
}

std::string GuardEvent::text() const {
  return fmt::format("{} -> {}: {}", to_string(from), to_string(to), reason);
}

Result<std::shared_ptr<Guard>> Guard::make(std::string name, GuardOptions options, Clock& clock,
                                           Random& random) {
  if (const auto problems = validate(options); !problems.empty()) {
    return fail(ErrorKind::invalid_input, "guard {}: {}", name, joined(problems));
  }
  return std::shared_ptr<Guard>(new Guard(std::move(name), std::move(options), clock, random));
}

Guard::Guard(std::string name, GuardOptions options, Clock& clock, Random& random)
    : name_(std::move(name)),
      options_(std::move(options)),
      clock_(clock),
      needs_start_(options_.attempt_timeout > Duration::zero() || options_.concurrency ||
                   options_.hedge || (options_.rate && options_.rate->adaptive)),
      hold_(probe_interval()),
      retry_(name_, options_.retry.value_or(one_attempt()), options_.budget, clock, random) {
  if (options_.rate) rate_.emplace(*options_.rate, clock);
  if (options_.concurrency) concurrency_.emplace(*options_.concurrency, clock);
  if (!options_.breaker) return;
  breaker_.emplace(name_, *options_.breaker, clock, random);
  breaker_->on_transition([this](const CircuitTransition& transition) {
    const GuardState from = guard_state(transition.from), to = guard_state(transition.to);
    if (transition.is_hypothetical) {
      announce(from, from, transition.reason, transition.at);
      return;
    }
    if (from == GuardState::open) paused_.end(transition.at);
    if (to == GuardState::open) paused_.begin(transition.at);
    announce(from, to, transition.reason, transition.at);
  });
}

tl::unexpected<Error> Guard::refuse(RefusedBy part, Error error, bool is_probe) {
  if (is_probe) hold_.give_back(clock_.now());
  refused_by_[static_cast<std::size_t>(part)].fetch_add(1, std::memory_order_relaxed);
  error.message = fmt::format("{}: {}", name_, error.message);
  return tl::unexpected<Error>(std::move(error));
}

Result<Guard::Admission> Guard::admit(const CallContext& context) {
  if (context.stop.stop_requested()) {
    return tl::unexpected<Error>(
        Error{ErrorKind::cancelled, fmt::format("{}: told to stop", name_), {}, false});
  }
  if (context.deadline != Clock::time_point::max() && clock_.now() >= context.deadline) {
    return tl::unexpected<Error>(
        Error{ErrorKind::timeout, fmt::format("{}: the deadline has passed", name_), {}, false});
  }
  Admission admission{.context = context};
  if (hold_.is_held()) {
    if (const auto left = hold_.admit(clock_.now())) {
      return refuse(RefusedBy::operator_hold,
                    {ErrorKind::circuit_open, "needs operator", *left, false}, false);
    }
    admission.is_probe = true;
  }
  if (breaker_) {
    auto permit = breaker_->acquire();
    if (!permit) return refuse(RefusedBy::breaker, std::move(permit).error(), admission.is_probe);
    admission.permit.emplace(std::move(*permit));
  }
  // A refusal from here on destroys the permit, which the breaker takes as ignored.
  if (rate_) {
    if (auto granted = rate_->try_acquire(); !granted) {
      return refuse(RefusedBy::rate, std::move(granted).error(), admission.is_probe);
    }
  }
  if (concurrency_) {
    auto slot = concurrency_->try_acquire();
    if (!slot) {
      if (rate_) rate_->give_back();
      return refuse(RefusedBy::concurrency, std::move(slot).error(), admission.is_probe);
    }
    admission.slot.emplace(std::move(*slot));
  }
  calls_.fetch_add(1, std::memory_order_relaxed);
  if (needs_start_) admission.started = clock_.now();
  if (options_.attempt_timeout > Duration::zero()) {
    admission.context.deadline =
        std::min(context.deadline, saturating_add(admission.started, options_.attempt_timeout));
  }
  return admission;
}

void Guard::succeeded(Admission& admission) {
  successes_.fetch_add(1, std::memory_order_relaxed);
  if (admission.permit) admission.permit->succeed(admission.context.work_units);
  if (admission.slot || options_.hedge) {
    const Duration elapsed = clock_.now() - admission.started;
    if (options_.hedge) latencies_.add(elapsed);
    if (admission.slot) admission.slot->done(elapsed, admission.context.expected_duration);
  }
  released(hold_.answered(), "the service answered");
}

void Guard::failed(Admission& admission, const Error& error) {
  const FailureClass failure = classify(error.kind);
  if (failure != FailureClass::own) failures_.fetch_add(1, std::memory_order_relaxed);
  if (admission.permit) {
    // An answer, if not the wanted one: slow or not it is by the work it was asked for.
    if (failure == FailureClass::answered)
      admission.permit->succeed(admission.context.work_units);
    else
      admission.permit->fail(error);
  }
  if (error.kind == ErrorKind::throttled && rate_) rate_->throttled(admission.started);
  switch (failure) {
    case FailureClass::service_failure:
      hold_.failed();
      break;
    case FailureClass::answered:
      released(hold_.answered(), "the service answered");
      break;
    case FailureClass::refused: {
      const auto now = clock_.now();
      const GuardState from = breaker_state();
      if (hold_.refused(admission.context.item, error, now) == OperatorHold::Change::held) {
        paused_.begin(now);
        announce(from, GuardState::needs_operator,
                 fmt::format("refused {} times in a row, last with {}",
                             OperatorHold::refusals_needed, to_string(error)),
                 now);
      }
      break;
    }
    case FailureClass::own:
      if (admission.is_probe) hold_.give_back(clock_.now());
      break;
  }
}

void Guard::released(OperatorHold::Change change, std::string_view reason) {
  if (change != OperatorHold::Change::released) return;
  const auto now = clock_.now();
  paused_.end(now);
  announce(GuardState::needs_operator, breaker_state(), std::string(reason), now);
}

void Guard::announce(GuardState from, GuardState to, std::string reason, Clock::time_point at) {
  events_.add({name_, from, to, std::move(reason), at});
  events_.deliver();
}

RetrySession Guard::begin(Idempotency idempotency, Clock::time_point deadline) {
  return retry_.begin(idempotency, RetryLimits{.deadline = deadline,
                                               .total_timeout = options_.total_timeout,
                                               .paused = &paused_});
}

Status Guard::wait(Duration delay, const std::stop_token& stop) {
  if (clock_.sleep_until(saturating_add(clock_.now(), delay), stop)) return {};
  return fail(ErrorKind::cancelled, "{}: told to stop while waiting to try again", name_);
}

std::optional<Duration> Guard::hedge_delay(Idempotency idempotency) const {
  if (!options_.hedge || idempotency == Idempotency::unsafe) return std::nullopt;
  const auto latency = latencies_.at(options_.hedge->percentile,
                                     static_cast<std::size_t>(options_.hedge->minimum_samples));
  if (!latency) return std::nullopt;
  return std::max(*latency, options_.hedge->minimum_delay);
}

bool Guard::may_hedge() {
  if (!retry_.budget().withdraw(options_.budget.retry_cost)) return false;
  hedges_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Guard::hedged(HedgeWinner winner, bool has_succeeded) {
  if (winner == HedgeWinner::not_hedged || !has_succeeded) return;
  retry_.budget().refund(options_.budget.retry_cost);
  if (winner == HedgeWinner::second) hedge_wins_.fetch_add(1, std::memory_order_relaxed);
}

GuardState Guard::breaker_state() const {
  return breaker_ ? guard_state(breaker_->state()) : GuardState::closed;
}

GuardState Guard::state() const {
  return hold_.is_held() ? GuardState::needs_operator : breaker_state();
}

Clock::time_point Guard::paused_until() const {
  const auto breaker = breaker_ ? breaker_->next_admission() : Clock::time_point::min();
  return std::max(breaker, hold_.next_probe());
}

Duration Guard::probe_interval() const {
  return options_.breaker.value_or(CircuitBreakerOptions{}).max_timeout;
}

void Guard::resume() {
  released(hold_.release(), "resumed by the operator");
}

void Guard::set_mode(CircuitMode mode) {
  if (breaker_) breaker_->set_mode(mode);
}

void Guard::reset() {
  if (breaker_) breaker_->reset();
  resume();
}

void Guard::on_event(std::function<void(const GuardEvent&)> listener) {
  events_.listen(std::move(listener));
}

GuardSnapshot Guard::snapshot() const {
  GuardSnapshot snapshot;
  snapshot.name = name_;
  snapshot.state = state();
  snapshot.message = hold_.message();
  snapshot.calls = calls_.load(std::memory_order_relaxed);
  snapshot.successes = successes_.load(std::memory_order_relaxed);
  snapshot.failures = failures_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < refusing_parts; ++i) {
    snapshot.refused_by[i] = refused_by_[i].load(std::memory_order_relaxed);
    snapshot.refused += snapshot.refused_by[i];
  }
  snapshot.hedges = hedges_.load(std::memory_order_relaxed);
  snapshot.hedge_wins = hedge_wins_.load(std::memory_order_relaxed);
  snapshot.paused = paused_.total(clock_.now());
  snapshot.retry = retry_.snapshot();
  snapshot.retries = snapshot.retry.retries;
  snapshot.retry_delay = snapshot.retry.delay_spent;
  snapshot.budget_left = snapshot.retry.budget_left;
  snapshot.budget_capacity = snapshot.retry.budget_capacity;
  if (breaker_) {
    snapshot.breaker = breaker_->snapshot();
    snapshot.openings = snapshot.breaker->trips;
  }
  if (rate_) snapshot.rate_per_second = rate_->per_second();
  if (concurrency_) {
    snapshot.concurrency_limit = concurrency_->limit();
    snapshot.in_flight = concurrency_->in_flight();
  }
  return snapshot;
}

}  // namespace reelmill
