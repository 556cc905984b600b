// SPDX-License-Identifier: Apache-2.0
#include "resilience/arrival_rate.h"

#include <algorithm>
#include <cmath>

namespace reelmill {

ArrivalRate::ArrivalRate(Duration memory, Clock::time_point now)
    : memory_(std::max(1e-3, to_seconds(memory))), began_(now), last_(now) {}

void ArrivalRate::arrived(Clock::time_point now) {
  if (now != last_) {
    count_ *= std::exp(-to_seconds(now - last_) / memory_);
    last_ = now;
  }
  count_ += 1;
}

void ArrivalRate::remember(Duration memory) {
  const double rate = per_second(last_);
  memory_ = std::max(1e-3, to_seconds(memory));
  count_ = rate * memory_ * lived(last_);
}

double ArrivalRate::lived(Clock::time_point now) const {
  return std::max(1e-6, 1 - std::exp(-to_seconds(now - began_) / memory_));
}

double ArrivalRate::per_second(Clock::time_point now) const {
  const double left = count_ * std::exp(-to_seconds(now - last_) / memory_);
  return left / (memory_ * lived(now));
}

}  // namespace reelmill
