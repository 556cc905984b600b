// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "resilience/batch.h"

namespace reelmill {

/// One batch that left, and why; `observed` follows when it comes back.
struct BatchDecision {
  std::uint64_t id = 0;  ///< counts from 1
  Duration at{0};        ///< since the batcher was made
  int n = 0;             ///< items
  std::size_t bytes = 0;
  int target = 0;  ///< items wanted
  BatchReason reason = BatchReason::size;
  Duration predicted{0};  ///< service time; 0 = not known
  Duration observed{0};   ///< service time; 0 = not back yet, or not served

  bool operator==(const BatchDecision&) const = default;
};

}  // namespace reelmill
