// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_history.h"

#include <algorithm>

namespace reelmill {

void BatchHistory::add(const BatchDecision& decision) {
  if (decision.id % stride_ != 0) return;
  if (decisions_.size() == capacity) {
    stride_ *= 2;
    std::erase_if(decisions_, [&](const auto& kept) { return kept.id % stride_ != 0; });
    if (decision.id % stride_ != 0) return;
  }
  decisions_.push_back(decision);
}

void BatchHistory::complete(std::uint64_t id, Duration observed) {
  const auto found = std::lower_bound(decisions_.begin(), decisions_.end(), id,
                                      [](const auto& kept, auto value) { return kept.id < value; });
  if (found != decisions_.end() && found->id == id) found->observed = observed;
}

}  // namespace reelmill
