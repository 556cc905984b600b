// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "resilience/batch_options.h"

namespace reelmill {

/// The size of a batch while the cost model cannot be trusted: grows by a constant after a full
/// batch that took less than 0.9 of the target time, and shrinks to 0.9 above it. Not thread-safe.
class FallbackBatchSize {
 public:
  explicit FallbackBatchSize(const BatchOptions& options);

  void start(int size);
  /// A batch of n came back.
  void observe(int n, Duration service_time);
  int size() const { return static_cast<int>(size_); }

 private:
  const int min_, max_;
  const Duration target_;
  const double step_;  ///< items
  double size_;
};

}  // namespace reelmill
