// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>

#include "base/error.h"

namespace reelmill {

/// A percentile of the latest 256 latencies. Thread-safe.
class LatencyPercentile {
 public:
  void add(Duration latency);
  /// nullopt until `minimum_samples` have been seen.
  std::optional<Duration> at(double percentile, std::size_t minimum_samples) const;

 private:
  mutable std::mutex mutex_;
  std::array<Duration, 256> ring_{};
  std::size_t count_ = 0;  ///< seen in all
};

}  // namespace reelmill
