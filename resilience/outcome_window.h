// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace reelmill {

/// What a window holds.
struct WindowCounts {
  std::uint64_t calls = 0, failures = 0, slow = 0;

  /// Share of failed calls; 0 without calls.
  double failure_rate() const { return calls == 0 ? 0.0 : double(failures) / double(calls); }
  double slow_rate() const { return calls == 0 ? 0.0 : double(slow) / double(calls); }
};

/// The last N calls, of which only the failures and the slow calls are written down, by their
/// position in the row of all calls. So a success costs nothing here, and a failure O(1).
/// Not thread-safe.
class CountWindow {
 public:
  explicit CountWindow(int calls);

  /// Positions are given in ascending order, from 0.
  void add_failure(std::uint64_t position) { failures_.push(position); }
  void add_slow(std::uint64_t position) { slow_.push(position); }
  /// The counts after `calls` calls since the last clear().
  WindowCounts counts(std::uint64_t calls);
  void clear();

 private:
  /// A ring of ascending positions, as many as the window has places.
  class Positions {
   public:
    explicit Positions(std::size_t capacity) : ring_(capacity) {}
    void push(std::uint64_t position);
    void drop_before(std::uint64_t position);
    std::size_t size() const { return size_; }
    void clear() { size_ = 0; }

   private:
    std::vector<std::uint64_t> ring_;
    std::size_t first_ = 0, size_ = 0;
  };

  const std::uint64_t capacity_;
  Positions failures_, slow_;
};

/// The calls of the last `window`, in buckets aligned with the clock: the oldest bucket leaves as a
/// whole, and the current one counts in full. A clock that jumps ahead empties the window; one that
/// jumps back counts into the latest bucket. Not thread-safe.
class TimeWindow {
 public:
  TimeWindow(Duration window, int buckets);

  void add(Clock::time_point now, bool failed, bool slow);
  WindowCounts counts(Clock::time_point now);
  void clear();

 private:
  void advance_to(Clock::time_point now);

  const Duration::rep width_;
  std::vector<WindowCounts> buckets_;
  WindowCounts sum_;
  Duration::rep latest_ = 0;  ///< number of the current bucket, counted from the clock's zero
};

}  // namespace reelmill
