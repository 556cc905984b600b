// SPDX-License-Identifier: Apache-2.0
#include "resilience/retry_metrics.h"

#include <algorithm>

namespace reelmill {

std::string_view to_string(GiveUp reason) noexcept {
  switch (reason) {
    case GiveUp::not_retryable:
      return "not_retryable";
    case GiveUp::unsafe:
      return "unsafe";
    case GiveUp::attempts:
      return "attempts";
    case GiveUp::retry_after:
      return "retry_after";
    case GiveUp::deadline:
      return "deadline";
    case GiveUp::budget:
      return "budget";
  }
  return "unknown";
}

void RetryMetrics::succeeded(int attempts) {
  const auto index = std::min<std::size_t>(static_cast<std::size_t>(std::max(1, attempts)) - 1,
                                           longest_counted - 1);
  std::lock_guard lock(mutex_);
  ++counts_.attempts;
  if (counts_.successes_after.size() <= index) counts_.successes_after.resize(index + 1);
  ++counts_.successes_after[index];
}

void RetryMetrics::failed(ErrorKind kind, Clock::time_point now) {
  const Clock::time_point minute = std::chrono::floor<std::chrono::minutes>(now);
  std::lock_guard lock(mutex_);
  ++counts_.attempts;
  ++counts_.failures_by_kind[static_cast<std::size_t>(kind)];
  auto& history = counts_.history;
  if (history.empty() || history.back().begins < minute) {
    if (history.size() == minutes_kept) history.erase(history.begin());
    history.push_back({minute, {}});
  }
  ++history.back().failures[static_cast<std::size_t>(kind)];
}

void RetryMetrics::retrying(ErrorKind kind, Duration delay) {
  std::lock_guard lock(mutex_);
  ++counts_.retries;
  ++counts_.retries_by_kind[static_cast<std::size_t>(kind)];
  counts_.delay_spent += delay;
}

void RetryMetrics::deferred() {
  std::lock_guard lock(mutex_);
  ++counts_.deferrals;
}

void RetryMetrics::gave_up(GiveUp reason) {
  std::lock_guard lock(mutex_);
  ++counts_.give_ups[static_cast<std::size_t>(reason)];
}

RetrySnapshot RetryMetrics::snapshot() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace reelmill
