// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace reelmill {

/// Why an operation was not tried again.
enum class GiveUp {
  not_retryable,  ///< trying again cannot heal this kind of error
  unsafe,         ///< the request may have been carried out, and must not be twice
  attempts,       ///< max_attempts are used up
  retry_after,    ///< the service wants more patience than max_retry_after
  deadline,       ///< the next attempt could not end in time
  budget,         ///< the quota is empty
};

std::string_view to_string(GiveUp reason) noexcept;

inline constexpr std::size_t error_kinds = static_cast<std::size_t>(ErrorKind::internal) + 1;
inline constexpr std::size_t give_up_reasons = static_cast<std::size_t>(GiveUp::budget) + 1;

/// Failures of one minute, by kind (index: ErrorKind).
struct FailureMinute {
  Clock::time_point begins;
  std::array<std::uint64_t, error_kinds> failures{};
};

/// What a Retry has done since it was made.
struct RetrySnapshot {
  std::uint64_t attempts = 0;   ///< calls that were answered, whichever way
  std::uint64_t retries = 0;    ///< further attempts scheduled
  std::uint64_t deferrals = 0;  ///< own refusals that cost no attempt
  std::array<std::uint64_t, error_kinds> failures_by_kind{};  ///< index: ErrorKind
  std::array<std::uint64_t, error_kinds> retries_by_kind{};   ///< index: ErrorKind
  std::vector<std::uint64_t> successes_after;  ///< [n] = operations that took n + 1 attempts;
                                               ///< the last one counts all longer ones too
  std::array<std::uint64_t, give_up_reasons> give_ups{};  ///< index: GiveUp
  Duration delay_spent{0};                                ///< sum of the delays handed out
  double budget_left = 0, budget_capacity = 0;
  double budget_spent = 0, budget_refunded = 0;  ///< tokens, hedges included
  std::uint64_t budget_refused = 0;              ///< retries and hedges it had no tokens for
  std::vector<FailureMinute> history;  ///< the last hour's minutes that saw failures, oldest first
};

/// Counts for a RetrySnapshot. Thread-safe; takes a mutex, which a network call does not notice.
class RetryMetrics {
 public:
  void succeeded(int attempts);
  void failed(ErrorKind kind, Clock::time_point now);
  void retrying(ErrorKind kind, Duration delay);
  void deferred();
  void gave_up(GiveUp reason);
  RetrySnapshot snapshot() const;

 private:
  static constexpr std::size_t longest_counted = 10;
  static constexpr std::size_t minutes_kept = 60;

  mutable std::mutex mutex_;
  RetrySnapshot counts_;
};

}  // namespace reelmill
