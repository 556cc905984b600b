// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>

#include "resilience/batch.h"

namespace reelmill {

/// The batches that left and have not come back. Not thread-safe.
class BatchesInService {
 public:
  struct Entry {
    std::uint64_t id = 0;
    BatchKey key;
    int n = 0;
  };
  void add(Entry entry) { entries_.push_back(std::move(entry)); }
  /// Takes out the batch that the observation tells of: by its id or, without one, the oldest of
  /// its key and size, or the oldest. nullopt when nothing is in service.
  std::optional<Entry> take(const BatchObservation& observation);
  int count() const { return static_cast<int>(entries_.size()); }

 private:
  std::deque<Entry> entries_;  ///< oldest first
};

}  // namespace reelmill
