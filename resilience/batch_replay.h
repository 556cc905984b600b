// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "resilience/batch_journal.h"
#include "resilience/batch_options.h"

namespace reelmill {

/// Where a replay went another way than the record.
struct BatchDivergence {
  std::size_t event = 0;  ///< its place in the record
  BatchDecision recorded{};
  BatchDecision replayed{};  ///< id 0: no batch left
};

/// Feeds a record to a new batcher under a manual clock and returns every decision that differs
/// from the recorded one; nothing = the run was reproduced, batch for batch. The record must begin
/// with the batcher's first item.
std::vector<BatchDivergence> replay(const BatchOptions& options,
                                    std::span<const BatchEvent> record);

}  // namespace reelmill
