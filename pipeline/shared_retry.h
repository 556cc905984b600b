// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <utility>

#include "resilience/retry.h"

namespace reelmill {

/// The retries of things that failed together, and may be tried again in different company. One of
/// them that fails or succeeds speaks for all. Thread-safe.
class SharedRetry {
 public:
  explicit SharedRetry(RetrySession session) : session_(std::move(session)) {}

  std::optional<Duration> next_delay(const Error& error) {
    const std::lock_guard lock(mutex_);
    return session_.next_delay(error);
  }
  void succeeded() {
    const std::lock_guard lock(mutex_);
    session_.succeeded();
  }
  int attempts() const {
    const std::lock_guard lock(mutex_);
    return session_.attempts();
  }
  Clock::time_point deadline() const {
    const std::lock_guard lock(mutex_);
    return session_.deadline();
  }

 private:
  mutable std::mutex mutex_;
  RetrySession session_;
};

}  // namespace reelmill
