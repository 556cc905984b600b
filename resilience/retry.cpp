// SPDX-License-Identifier: Apache-2.0
#include "resilience/retry.h"

#include <algorithm>
#include <stdexcept>

#include "resilience/option_problems.h"

namespace reelmill {
namespace {

constexpr std::array transient_kinds = {ErrorKind::unavailable, ErrorKind::timeout,
                                        ErrorKind::throttled};

std::size_t index_of(ErrorKind kind) {
  return static_cast<std::size_t>(std::find(transient_kinds.begin(), transient_kinds.end(), kind) -
                                  transient_kinds.begin());
}

bool is_too_late(Clock::time_point now, Duration delay, Clock::time_point deadline) {
  return deadline != Clock::time_point::max() && saturating_add(now, delay) >= deadline;
}

RetryOptions checked(RetryOptions options) {
  if (const auto problems = validate(options); !problems.empty()) {
    throw std::invalid_argument("retry: " + joined(problems));
  }
  return options;
}

}  // namespace

RetrySession::RetrySession(Retry* retry, Idempotency idempotency, RetryLimits limits)
    : retry_(retry), idempotency_(idempotency), limits_(limits), began_(retry->clock_.now()) {
  if (limits_.paused != nullptr) paused_before_ = limits_.paused->total(began_);
}

Clock::time_point RetrySession::deadline() const {
  if (limits_.total_timeout <= Duration::zero()) return limits_.deadline;
  Duration paused{0};
  if (limits_.paused != nullptr) {
    paused = limits_.paused->total(retry_->clock_.now()) - paused_before_;
  }
  return std::min(limits_.deadline, saturating_add(began_, limits_.total_timeout + paused));
}

std::optional<Duration> RetrySession::next_delay(const Error& error) {
  const auto now = retry_->clock_.now();
  if (error.kind == ErrorKind::circuit_open || error.kind == ErrorKind::rejected) {
    const Duration delay = std::max(error.retry_after, Duration::zero());
    // What a pausing breaker refuses it refuses for the rest of the pause, which the total timeout
    // leaves out.
    const bool is_pause = error.kind == ErrorKind::circuit_open && limits_.paused != nullptr;
    if (is_too_late(now, delay, is_pause ? limits_.deadline : deadline())) {
      return give_up(GiveUp::deadline);
    }
    retry_->metrics_.deferred();
    return delay;
  }
  ++attempts_;
  charged_ = 0;
  retry_->metrics_.failed(error.kind, now);
  if (error.kind == ErrorKind::cancelled) chosen_ = {};  // says nothing about the strategies
  if (!is_transient(error.kind)) return give_up(GiveUp::not_retryable);
  if (idempotency_ == Idempotency::unsafe && error.was_sent) return give_up(GiveUp::unsafe);
  const RetryOptions& options = retry_->options_;
  if (attempts_ >= options.max_attempts) return give_up(GiveUp::attempts);
  if (error.retry_after > options.max_retry_after) return give_up(GiveUp::retry_after);

  const Duration delay =
      std::max(retry_->backoff(strategy_for(error.kind), attempts_, previous_), error.retry_after);
  if (is_too_late(now, delay, deadline())) return give_up(GiveUp::deadline);
  const double cost = retry_->budget_.cost(error.kind);
  if (!retry_->budget_.withdraw(cost)) return give_up(GiveUp::budget);
  charged_ = cost;
  previous_ = delay;
  retry_->metrics_.retrying(error.kind, delay);
  return delay;
}

void RetrySession::succeeded() {
  ++attempts_;
  if (charged_ > 0) {
    retry_->budget_.refund(charged_);
    charged_ = 0;
  } else if (attempts_ == 1) {
    retry_->budget_.deposit();
  }
  retry_->metrics_.succeeded(attempts_);
  reward(true);
}

std::optional<Duration> RetrySession::give_up(GiveUp reason) {
  gave_up_ = reason;
  retry_->metrics_.gave_up(reason);
  reward(false);
  return std::nullopt;
}

RetryStrategy RetrySession::strategy_for(ErrorKind kind) {
  if (retry_->options_.strategy != RetryStrategy::adaptive) return retry_->options_.strategy;
  auto& chosen = chosen_[index_of(kind)];
  if (!chosen) chosen = retry_->choose(kind);
  return *chosen;
}

void RetrySession::reward(bool has_succeeded) {
  for (std::size_t i = 0; i < chosen_.size(); ++i) {
    if (!chosen_[i]) continue;
    const double worth = retry_reward(has_succeeded, retry_->clock_.now() - began_, attempts_);
    retry_->reward(transient_kinds[i], *chosen_[i], worth);
    chosen_[i].reset();
  }
}

Retry::Retry(std::string name, RetryOptions options, RetryBudgetOptions budget, Clock& clock,
             Random& random)
    : name_(std::move(name)),
      options_(checked(options)),
      clock_(clock),
      budget_(budget),
      random_(random) {}

RetrySession Retry::begin(Idempotency idempotency, Clock::time_point deadline) {
  return begin(idempotency, RetryLimits{.deadline = deadline});
}

RetrySession Retry::begin(Idempotency idempotency, RetryLimits limits) {
  return {this, idempotency, limits};
}

RetryStrategy Retry::choose(ErrorKind kind) {
  std::lock_guard lock(mutex_);
  return choosers_[index_of(kind)].choose(random_);
}

void Retry::reward(ErrorKind kind, RetryStrategy strategy, double reward) {
  std::lock_guard lock(mutex_);
  choosers_[index_of(kind)].reward(strategy, reward);
}

Duration Retry::backoff(RetryStrategy strategy, int attempt, Duration previous) {
  std::lock_guard lock(mutex_);
  return backoff_delay(strategy, options_, attempt, previous, random_);
}

RetrySnapshot Retry::snapshot() const {
  RetrySnapshot snapshot = metrics_.snapshot();
  snapshot.budget_left = budget_.left();
  snapshot.budget_capacity = budget_.capacity();
  snapshot.budget_spent = budget_.spent();
  snapshot.budget_refunded = budget_.refunded();
  snapshot.budget_refused = budget_.refused();
  return snapshot;
}

}  // namespace reelmill
