// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>

#include "base/error.h"

namespace reelmill {

/// Where every class gets its time from, so that tests run on a time of their own.
/// It tells steady time, never the time of day. Thread-safe.
class Clock {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  virtual time_point now() const noexcept = 0;
  /// Waits until `when`. Returns false when `stop` was requested first.
  virtual bool sleep_until(time_point when, std::stop_token stop) = 0;
};

/// The machine's steady clock.
class SystemClock final : public Clock {
 public:
  time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
  bool sleep_until(time_point when, std::stop_token stop) override;
};

/// A SystemClock that lives as long as the program.
Clock& system_clock() noexcept;

/// Seconds as a floating-point number, for reports.
constexpr double to_seconds(Duration duration) noexcept {
  return std::chrono::duration<double>(duration).count();
}

/// a + b without overflow; `b` must not be negative.
constexpr Clock::time_point saturating_add(Clock::time_point a, Duration b) noexcept {
  return a > Clock::time_point::max() - b ? Clock::time_point::max() : a + b;
}

}  // namespace reelmill
