// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/batching_trials/simulate.h"

namespace reelmill::batching {

/// How a policy fared with a workload, from batch 60 on, over the time in which ours served the
/// batches measured.
struct Row {
  std::string workload, policy;
  std::uint64_t seed = 0;
  double goodput = 0;            ///< items that succeeded a second of time with work to do
  double ratio_best_fixed = 0;   ///< goodput ÷ that of the best fixed size permitted
  double ratio_clairvoyant = 0;  ///< goodput ÷ that of a policy that knows the truth
  double over_target_share = 0;  ///< batches that took longer than the target time
  /// Batches until 20 full ones together cost at most 1 / 0.95 of what the best size would, noise
  /// left out; -1 = never.
  int batches_to_converge = -1;
  double mean_size = 0;
  std::uint64_t lost = 0, doubled = 0;
  bool has_byte_overrun = false, is_out_of_order = false;
};

struct Comparison {
  std::uint64_t seed = 1;
  std::size_t batches = 5000;  ///< measured
  int fixed_stride = 1;        ///< tries every so-manieth fixed size
};

/// Batches that every policy gets before it is measured.
inline constexpr std::size_t warm_up = 60;

/// `ours` first, then hybrid's fellow strategies, the controllers, the clairvoyant, and every fixed
/// size. A fixed size is permitted as the best when at most 5 % of its batches are over the target.
std::vector<Row> compare(const Workload& workload, const Comparison& comparison);

}  // namespace reelmill::batching
