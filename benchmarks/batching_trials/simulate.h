// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "benchmarks/batching_trials/edge.h"

namespace reelmill::batching {

/// One batch that was served.
struct Served {
  double left = 0, back = 0;  ///< seconds since the start
  int n = 0, succeeded = 0, target = 0;
  double seconds = 0;   ///< service time
  double expected = 0;  ///< the same without noise, of items of mean weight
  BatchReason reason = BatchReason::size;
};

/// What a policy did with a workload.
struct Trace {
  std::vector<Served> batches;  ///< in the order they came back
  std::vector<std::pair<double, double>>
      idle;  ///< seconds; times with nothing queued or in service
  bool has_byte_overrun = false;
  std::uint64_t lost = 0, doubled = 0;  ///< items; lost when neither done, nor queued, nor served
  bool is_out_of_order = false;         ///< items of a source left in another order at first
};

/// When to stop: at so many batches, or at a time.
struct Until {
  std::size_t batches = SIZE_MAX;
  double seconds = 1e300;
};

/// Runs the policy in virtual time. The same seed gives the same arrivals and the same service to
/// every policy, as far as the batches are alike.
Trace simulate(const Policy& policy, const Workload& workload, std::uint64_t seed, Until until);

}  // namespace reelmill::batching
