// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "resilience/batch_cost_model.h"
#include "resilience/batch_history.h"
#include "resilience/batch_snapshot.h"
#include "resilience/batches_in_service.h"

namespace reelmill {

/// Counts the batches that leave and come back. Not thread-safe.
class BatchAccounts {
 public:
  explicit BatchAccounts(const BatchOptions& options);

  /// A batch left. Returns its id.
  std::uint64_t left(BatchDecision decision, const BatchKey& key);
  /// A batch came back. Returns its id; 0 when it is not known.
  std::uint64_t completed(const BatchObservation& observation);
  /// An item came that is larger than a batch may be.
  void oversize_item() { ++oversize_items_; }

  int in_flight() const { return in_service_.count(); }
  /// What was counted; what is queued and learned is left to others.
  BatchSnapshot snapshot() const;
  const BatchHistory& history() const { return history_; }

 private:
  const Duration target_time_;
  BatchSnapshot counts_;
  BatchesInService in_service_;
  BatchHistory history_;
  std::uint64_t oversize_items_ = 0;
};

/// Adds what the model has learned, and warnings about options that it found to contradict.
void describe(const BatchCostModel& model, const BatchOptions& options, BatchSnapshot& snapshot);

}  // namespace reelmill
