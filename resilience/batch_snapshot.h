// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "resilience/batch.h"
#include "resilience/batch_efficiency.h"
#include "resilience/batch_fit.h"
#include "resilience/batch_size_choice.h"

namespace reelmill {

std::string_view to_string(BatchBound bound) noexcept;

/// What a batcher has done and holds. What the cost model says is said of the key with most items
/// served.
struct BatchSnapshot {
  BatchStrategy strategy = BatchStrategy::fixed;
  std::uint64_t batches = 0, items = 0, bytes = 0;     ///< that left
  std::array<std::uint64_t, batch_reasons> reasons{};  ///< batches by reason; index: BatchReason
  std::uint64_t completed = 0, succeeded_items = 0;
  Duration service_time{0};  ///< sum
  std::size_t queued = 0;    ///< items waiting now
  std::size_t queued_bytes = 0;
  int in_flight = 0;        ///< batches that left and have not completed
  int in_flight_limit = 0;  ///< batches that may be in service now
  int target = 0;           ///< items wanted in a batch now

  BatchFit fit;  ///< service time as b + a·n
  BatchEfficiency efficiency;
  BatchBound bound = BatchBound::cost;
  double headroom = 0;               ///< share of service time that twice the bound would save
  double spread = 0;                 ///< relative deviation of service times from the prediction
  double arrivals_a_second = 0;      ///< items
  std::uint64_t over_target = 0;     ///< batches served that took longer than the target time
  std::uint64_t regime_changes = 0;  ///< times the service changed its speed
  bool is_falling_back = false;      ///< the model fits too poorly to be followed
  std::size_t keys = 0;              ///< models held
  std::vector<std::string> warnings;

  double mean_size() const { return batches == 0 ? 0 : double(items) / double(batches); }
};

}  // namespace reelmill
