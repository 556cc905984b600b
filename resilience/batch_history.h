// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "resilience/batch_decision.h"

namespace reelmill {

/// The decisions of a whole run, thinned: at most 512, evenly spaced, for a curve of sizes over
/// time. Not thread-safe.
class BatchHistory {
 public:
  static constexpr std::size_t capacity = 512;

  void add(const BatchDecision& decision);
  /// The decision `id` came back after `observed`. Ignored when it was thinned out.
  void complete(std::uint64_t id, Duration observed);

  const std::vector<BatchDecision>& decisions() const { return decisions_; }
  /// One decision in so many is kept.
  std::uint64_t stride() const { return stride_; }

 private:
  std::vector<BatchDecision> decisions_;
  std::uint64_t stride_ = 1;
};

}  // namespace reelmill
