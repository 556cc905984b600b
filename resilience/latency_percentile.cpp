// SPDX-License-Identifier: Apache-2.0
#include "resilience/latency_percentile.h"

#include <algorithm>
#include <cmath>

namespace reelmill {

void LatencyPercentile::add(Duration latency) {
  std::lock_guard lock(mutex_);
  ring_[count_++ % ring_.size()] = latency;
}

std::optional<Duration> LatencyPercentile::at(double percentile,
                                              std::size_t minimum_samples) const {
  std::array<Duration, 256> sorted;
  std::size_t size = 0;
  {
    std::lock_guard lock(mutex_);
    if (count_ == 0 || count_ < minimum_samples) return std::nullopt;
    size = std::min(count_, ring_.size());
    sorted = ring_;
  }
  const auto rank = static_cast<std::size_t>(std::ceil(percentile * static_cast<double>(size)));
  const auto nth =
      sorted.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, size) - 1);
  std::nth_element(sorted.begin(), nth, sorted.begin() + static_cast<std::ptrdiff_t>(size));
  return *nth;
}

}  // namespace reelmill
