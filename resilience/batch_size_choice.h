// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "resilience/batch_cost_curve.h"

namespace reelmill {

/// What keeps batches from being larger.
enum class BatchBound {
  cost,            ///< nothing: larger ones would cost more, or save less than 3 %
  max_batch_size,  ///< the option
  max_bytes,       ///< the option, at the size of the items
  target_time,     ///< target_processing_time
};

/// A size and why none larger.
struct BatchSizeChoice {
  int size = 1;
  BatchBound bound = BatchBound::cost;
};

/// Cost over the cheapest at which a size is still kept, and at which a new one is chosen: aiming
/// at 2 % leaves the errors of the estimate room within the 3 % that are promised.
inline constexpr double batch_cost_band = 1.03, batch_cost_aim = 1.02;

/// The largest size up to `limit` that is expected to take at most `seconds` ÷ `factor`; at least
/// `least`.
int longest_within(const BatchCostCurve& curve, double seconds, double factor, int least,
                   int limit);

/// Sizes up to `cap` worth choosing from, smallest first: visited bins with two samples, and the
/// cap itself when it cuts the curve.
std::vector<BatchCostPoint> candidates(const BatchCostCurve& curve, int cap);

/// The smallest candidate whose cost is within the band of the cheapest; nullopt without
/// candidates.
std::optional<int> smallest_in_band(const std::vector<BatchCostPoint>& candidates);

/// The size of the cheapest candidate.
std::optional<int> cheapest_of(const std::vector<BatchCostPoint>& candidates);

}  // namespace reelmill
