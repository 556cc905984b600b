// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "resilience/backoff.h"
#include "resilience/idempotency.h"
#include "resilience/pause_meter.h"
#include "resilience/retry_budget.h"
#include "resilience/retry_metrics.h"
#include "resilience/retry_options.h"
#include "resilience/strategy_chooser.h"

namespace reelmill {

class Retry;

/// Until when an operation may go on.
struct RetryLimits {
  Clock::time_point deadline = Clock::time_point::max();
  Duration total_timeout{0};           ///< from begin(); 0 = none
  const PauseMeter* paused = nullptr;  ///< time paused meanwhile is not counted in the timeout
};

/// The attempts of one operation. It decides, and neither calls nor sleeps: after a failed attempt
/// ask next_delay() when to try again. Move-only, not thread-safe; must not outlive its Retry.
class [[nodiscard]] RetrySession {
 public:
  RetrySession(RetrySession&&) = default;
  RetrySession& operator=(RetrySession&&) = default;

  /// Tells of a failed attempt. The time to wait before the next one, or nullopt: give up.
  /// `circuit_open` and `rejected` are no attempts: their `retry_after` comes back as it is.
  std::optional<Duration> next_delay(const Error& error);
  /// Tells of a success, which ends the session.
  void succeeded();

  int attempts() const { return attempts_; }  ///< answered so far
  /// When the operation's time is up, as of now.
  Clock::time_point deadline() const;
  /// Why next_delay() said nullopt.
  std::optional<GiveUp> gave_up() const { return gave_up_; }

 private:
  friend class Retry;
  RetrySession(Retry* retry, Idempotency idempotency, RetryLimits limits);

  std::optional<Duration> give_up(GiveUp reason);
  RetryStrategy strategy_for(ErrorKind kind);
  void reward(bool has_succeeded);

  Retry* retry_;
  Idempotency idempotency_;
  RetryLimits limits_;
  Clock::time_point began_;
  Duration paused_before_{0};
  int attempts_ = 0;
  Duration previous_{0};
  double charged_ = 0;  ///< for the attempt under way
  std::optional<GiveUp> gave_up_;
  /// The strategies this session uses, by transient kind: unavailable, timeout, throttled.
  std::array<std::optional<RetryStrategy>, 3> chosen_;
};

/// Decides for all calls to one dependency whether and when a failed one is tried again: by kind
/// of error, attempts, deadline and a budget that all of them share. With `adaptive` it learns
/// which backoff pays after which kind of error. Thread-safe.
class Retry {
 public:
  /// Throws std::invalid_argument with every problem of the options.
  Retry(std::string name, RetryOptions options, RetryBudgetOptions budget, Clock& clock,
        Random& random = default_random());

  RetrySession begin(Idempotency idempotency,
                     Clock::time_point deadline = Clock::time_point::max());
  RetrySession begin(Idempotency idempotency, RetryLimits limits);

  RetrySnapshot snapshot() const;
  RetryBudget& budget() { return budget_; }
  const std::string& name() const { return name_; }
  const RetryOptions& options() const { return options_; }

 private:
  friend class RetrySession;

  RetryStrategy choose(ErrorKind kind);
  void reward(ErrorKind kind, RetryStrategy strategy, double reward);
  Duration backoff(RetryStrategy strategy, int attempt, Duration previous);

  const std::string name_;
  const RetryOptions options_;
  Clock& clock_;
  RetryBudget budget_;
  RetryMetrics metrics_;
  std::mutex mutex_;  ///< for the source of chance and what was learned
  Random& random_;
  std::array<StrategyChooser, 3> choosers_;
};

}  // namespace reelmill
