// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "resilience/batch_options.h"

namespace reelmill {

/// Only items of one key travel together; for frames: size, pixel format and model.
using BatchKey = std::string;
/// Where an item comes from, for fairness: for frames the video.
using SourceId = std::uint64_t;

/// Why a batch left.
enum class BatchReason {
  size,      ///< as many items as wanted
  bytes,     ///< one more item would exceed max_bytes
  deadline,  ///< the oldest item has waited for max_wait
  drain,     ///< no more items will come
  idle,      ///< nothing in service, and waiting would not pay
  starved,   ///< someone waits for what these items hold, and nothing is in service
  probe,     ///< a size tried to learn its cost
};
inline constexpr std::size_t batch_reasons = static_cast<std::size_t>(BatchReason::probe) + 1;

std::string_view to_string(BatchReason reason) noexcept;

/// Items that travel to a call together.
template <class T>
struct Batch {
  std::vector<T> items;
  std::size_t bytes = 0;
  BatchKey key;
  BatchReason reason = BatchReason::size;
  int target = 0;         ///< items that were wanted
  Duration predicted{0};  ///< service time expected by the cost model; 0 = not known
};

/// How a batch fared. Leave out those that ended in an open breaker, a cancel or a transport
/// failure.
struct BatchObservation {
  int n = 0;
  std::size_t bytes = 0;
  Duration service_time{0};  ///< without queueing
  int succeeded = 0;         ///< items
  int in_flight = 1;         ///< batches in service when it was dispatched, itself included
  BatchKey key{};
};

/// What a batcher has done and holds.
struct BatchSnapshot {
  BatchStrategy strategy = BatchStrategy::fixed;
  std::uint64_t batches = 0, items = 0, bytes = 0;     ///< that left
  std::array<std::uint64_t, batch_reasons> reasons{};  ///< batches by reason; index: BatchReason
  std::uint64_t completed = 0, succeeded_items = 0;
  Duration service_time{0};  ///< sum
  std::size_t queued = 0;    ///< items waiting now
  std::size_t queued_bytes = 0;
  int in_flight = 0;  ///< batches that left and have not completed
  int target = 0;     ///< items wanted in a batch now

  double mean_size() const { return batches == 0 ? 0 : double(items) / double(batches); }
};

}  // namespace reelmill
