// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

namespace reelmill {

/// How many items a second arrive, as a count that decays with time. Not thread-safe.
class ArrivalRate {
 public:
  /// `memory` is the time after which an arrival counts 1/e.
  ArrivalRate(Duration memory, Clock::time_point now);

  void arrived(Clock::time_point now);
  /// Changes the memory, keeping the rate.
  void remember(Duration memory);
  /// Items a second; corrected for the time before the first item. Large when many came at once.
  double per_second(Clock::time_point now) const;

 private:
  /// The share of the memory that has been lived through.
  double lived(Clock::time_point now) const;

  double memory_;  ///< seconds
  Clock::time_point began_, last_;
  double count_ = 0;
};

}  // namespace reelmill
