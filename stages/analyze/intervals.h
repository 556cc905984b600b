// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/clock.h"
#include "stages/api/findings.h"

namespace reelmill {

/// Collects the stretches of time that are long enough to report.
class LongIntervals {
 public:
  explicit LongIntervals(Duration at_least) : at_least_s_(to_seconds(at_least)) {}

  void add(double start_s, double end_s) {
    constexpr double kRounding = 1e-9;  // two times that differ by exactly the least length
    if (end_s - start_s >= at_least_s_ - kRounding) intervals_.push_back({start_s, end_s});
  }
  const std::vector<Interval>& list() const { return intervals_; }

 private:
  double at_least_s_;
  std::vector<Interval> intervals_;
};

}  // namespace reelmill
