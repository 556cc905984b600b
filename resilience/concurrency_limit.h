// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "resilience/limit_options.h"

namespace reelmill {

class ConcurrencyLimit;

/// A place among the calls in flight, given back when it is destroyed. Move-only; must not outlive
/// its limit.
class [[nodiscard]] Slot {
 public:
  Slot(Slot&& other) noexcept
      : limit_(std::exchange(other.limit_, nullptr)), epoch_(other.epoch_) {}
  Slot& operator=(Slot&& other) noexcept;
  ~Slot() { release(); }

  /// Gives the place back with what the call took, and what it should have taken at its size.
  void done(Duration observed, Duration predicted);

 private:
  friend class ConcurrencyLimit;
  Slot(ConcurrencyLimit* limit, std::uint64_t epoch) : limit_(limit), epoch_(epoch) {}
  void release();

  ConcurrencyLimit* limit_;
  std::uint64_t epoch_;
};

/// At most `limit()` calls at the same time. With `adaptive` the limit follows the ratio of
/// observed to predicted latency, so that a large batch is not mistaken for a slow service: up by
/// one while the ratio stays low and the limit is in use, down to 0.9 of itself when calls queue
/// inside the service. After each change the samples of calls that began before it are dropped. It
/// never waits. Thread-safe.
class ConcurrencyLimit {
 public:
  /// Throws std::invalid_argument with every problem of the options.
  ConcurrencyLimit(ConcurrencyLimitOptions options, Clock& clock);

  /// Refused: Error{rejected, retry_after: the typical time until a place is free}.
  Result<Slot> try_acquire();
  int limit() const { return limit_.load(std::memory_order_relaxed); }
  int in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

 private:
  friend class Slot;
  void observe(std::uint64_t epoch, Duration observed, Duration predicted, int in_flight);

  const ConcurrencyLimitOptions options_;
  Clock& clock_;
  std::atomic<int> limit_;
  std::atomic<int> in_flight_{0};
  std::atomic<std::uint64_t> epoch_{0};    ///< changes of the limit so far
  std::atomic<Duration::rep> typical_{0};  ///< moving average of observed times
  std::mutex mutex_;
  int samples_ = 0, busiest_ = 0;  ///< of this epoch
  double ratio_sum_ = 0;
};

}  // namespace reelmill
