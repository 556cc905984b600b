// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace reelmill {

/// What a size is known to cost.
struct BatchCostPoint {
  double n = 0;        ///< mean size, items
  double seconds = 0;  ///< service time of a batch
  double success = 1;  ///< items that succeed per item sent
  double cost = 0;     ///< seconds per item that succeeds
  int samples = 0;
  std::uint64_t last_at = 0;  ///< the observation that saw it last
};

}  // namespace reelmill
