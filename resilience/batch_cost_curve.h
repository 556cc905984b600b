// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "resilience/batch_cost_point.h"
#include "resilience/batch_fit.h"
#include "resilience/batch_samples.h"

namespace reelmill {

/// Measured service time over batch size. The sizes are cut into about 15 log-spaced bins; the bin
/// that holds the optimum can be cut further by refine(), because a bin 1.39 wide loses up to 39 %
/// at a knee inside it. Between visited sizes it interpolates, beyond them it follows the line
/// through them. It decides nothing. Not thread-safe.
class BatchCostCurve {
 public:
  /// Ratio of neighbouring bins: 13 bins from 1 to 100.
  static constexpr double bin_ratio = 1.39;

  BatchCostCurve(int min_size, int max_size);

  void add(const BatchSample& sample);
  /// Gives `size` a bin of its own, 1 % wide on either side.
  void refine(int size);
  /// Forgets bins not visited since the observation `before`.
  void expire(std::uint64_t before);
  /// Forgets the bin that holds `size`.
  void forget(int size);
  void clear();
  void scale(double factor);

  /// Visited bins in order of size.
  const std::vector<BatchCostPoint>& points() const;
  /// The line through the visited bins.
  const BatchFit& fit() const;
  /// Seconds that a batch of n is expected to take; 0 = nothing is known.
  double predict(double n) const;
  /// Share of items expected to succeed in a batch of n: that of the nearest visited bin.
  double success(double n) const;
  /// Seconds per success at the bin that holds `size`; 0 = not visited.
  double cost(int size) const;
  /// Relative standard deviation of times within the bins; 0.1 while no bin has two samples.
  double spread() const;
  /// The bin that holds `size`.
  const BatchSamples& bin(int size) const;
  int bins() const { return static_cast<int>(bins_.size()); }

 private:
  struct Bin {
    int low, high;  ///< items, both inclusive
    BatchSamples samples;
  };
  Bin& bin_of(int size);
  void partition();
  void changed() { is_stale_ = true; }
  void renew() const;

  const int min_, max_;
  std::vector<Bin> bins_;
  mutable bool is_stale_ = true;
  mutable std::vector<BatchCostPoint> points_;
  mutable BatchFit fit_;
};

}  // namespace reelmill
