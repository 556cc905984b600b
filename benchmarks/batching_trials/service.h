// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>
#include <span>

#include "base/clock.h"
#include "benchmarks/batching_trials/workload.h"

namespace reelmill::batching {

/// One thing to be served.
struct Item {
  std::uint32_t number = 0;
  float weight = 1;  ///< its own time, relative to a
  std::uint32_t bytes = 0;
  std::uint32_t source = 0;
};

/// The truth about a workload's service: what a batch takes, and what the best size is.
class Service {
 public:
  explicit Service(const Workload& workload) : workload_(workload) {}

  /// Seconds expected for n items with so many MB and summed weight.
  double expected(double n, double weight, double mb, double at_seconds) const;
  /// Seconds for these items, drawn.
  double draw(std::span<const Item> items, double at_seconds, int in_flight,
              std::mt19937_64& random) const;
  /// Items expected to succeed in a batch of n.
  double successes(double n) const;
  /// The size that costs least per success among those that keep 95 % of the batches within the
  /// target time.
  int best_size(double at_seconds) const;
  /// Seconds per success at a size, for items of mean weight and size.
  double cost(int n, double at_seconds) const;

 private:
  struct Now {
    double b, a, knee;
  };
  Now now(double at_seconds) const;
  double mean_mb() const;

  const Workload workload_;
};

}  // namespace reelmill::batching
