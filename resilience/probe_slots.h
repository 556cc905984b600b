// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

#include "base/clock.h"

namespace reelmill {

/// The places of one half-open period: at most `permitted` probes are outstanding or decided.
/// It decides nothing itself: `successes` close, `failures` beyond `tolerated` reopen.
/// Not thread-safe.
class ProbeSlots {
 public:
  ProbeSlots(int permitted, int needed) : permitted_(permitted), needed_(needed) {}

  bool has_place() const {
    return static_cast<std::size_t>(permitted_) >
           static_cast<std::size_t>(successes_ + failures_) + deadlines_.size();
  }
  void take(Clock::time_point deadline) {
    deadlines_.insert(std::upper_bound(deadlines_.begin(), deadlines_.end(), deadline), deadline);
  }
  /// The earliest deadline of an outstanding probe; max() without one.
  Clock::time_point earliest() const {
    return deadlines_.empty() ? Clock::time_point::max() : deadlines_.front();
  }
  void give_back(Clock::time_point deadline) { drop(deadline); }
  void succeed(Clock::time_point deadline) {
    drop(deadline);
    ++successes_;
  }
  void fail(Clock::time_point deadline) {
    drop(deadline);
    ++failures_;
  }
  bool is_passed() const { return successes_ >= needed_; }
  bool is_failed() const { return failures_ > permitted_ - needed_; }
  void clear() {
    deadlines_.clear();
    successes_ = failures_ = 0;
  }

 private:
  void drop(Clock::time_point deadline) {
    const auto found = std::lower_bound(deadlines_.begin(), deadlines_.end(), deadline);
    if (found != deadlines_.end() && *found == deadline) deadlines_.erase(found);
  }

  const int permitted_, needed_;
  int successes_ = 0, failures_ = 0;
  std::vector<Clock::time_point> deadlines_;  ///< of the outstanding probes, ascending
};

}  // namespace reelmill
