// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "benchmarks/batching_trials/service.h"
#include "resilience/batch.h"

namespace reelmill::batching {

/// Something that turns items into batches: ours, or one to compare with.
class Edge {
 public:
  virtual ~Edge() = default;
  virtual void add(const Item& item) = 0;
  virtual std::optional<Batch<Item>> next(bool slot_free) = 0;
  virtual Clock::time_point wake_at() = 0;
  virtual void completed(const BatchObservation& observation) = 0;
  virtual std::size_t queued() const = 0;
};

/// A policy by name, and how to make an edge that follows it.
struct Policy {
  std::string name;
  std::function<std::unique_ptr<Edge>(const Workload&, Clock&)> make;
};

/// AdaptiveBatcher with a strategy.
Policy batcher(BatchStrategy strategy);
/// Always `size`; the same releases for bytes and deadline.
Policy fixed_size(int size);
/// A tenth more below the target time, a tenth less above it.
Policy ten_percent();
/// One more below the target time, half above it.
Policy aimd();
/// Knows the truth at each moment.
Policy clairvoyant();

}  // namespace reelmill::batching
