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
  std::uint64_t id = 0;   ///< counts from 1
};

/// Whether an attempt says something about the service.
enum class BatchEnd {
  served,       ///< the service answered, well or not
  not_reached,  ///< open breaker, cancel or transport failure: frees its place, teaches nothing
};

/// How a batch fared.
struct BatchObservation {
  int n = 0;
  std::size_t bytes = 0;
  Duration service_time{0};  ///< without queueing
  int succeeded = 0;         ///< items
  int in_flight = 1;         ///< batches in service when it was dispatched, itself included
  BatchKey key{};
  BatchEnd end = BatchEnd::served;
  std::uint64_t id = 0;  ///< Batch::id; 0 = the oldest batch in service of this key and size
};

}  // namespace reelmill
