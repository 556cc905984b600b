// SPDX-License-Identifier: Apache-2.0
#include "resilience/batches_in_service.h"

#include <algorithm>

namespace reelmill {

std::optional<BatchesInService::Entry> BatchesInService::take(const BatchObservation& observation) {
  if (entries_.empty()) return std::nullopt;
  auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return observation.id != 0 ? entry.id == observation.id
                               : entry.n == observation.n && entry.key == observation.key;
  });
  if (found == entries_.end()) {
    if (observation.id != 0) return std::nullopt;  // told twice
    found = entries_.begin();
  }
  Entry entry = std::move(*found);
  entries_.erase(found);
  return entry;
}

}  // namespace reelmill
