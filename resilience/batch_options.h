// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace reelmill {

/// How the size of a batch is found.
enum class BatchStrategy { fixed, adaptive, time_based, load_based, hybrid };

std::string_view to_string(BatchStrategy strategy) noexcept;
/// Finds its size itself, from what batches cost.
bool learns(BatchStrategy strategy) noexcept;
/// Takes the arrivals into account: load_based and hybrid.
bool looks_at_arrivals(BatchStrategy strategy) noexcept;

/// When a batch leaves, and how large it is.
struct BatchOptions {
  BatchStrategy strategy = BatchStrategy::hybrid;
  int initial_batch_size = 10;  ///< items; with `fixed` the size, always
  int min_batch_size = 1;
  int max_batch_size = 100;
  /// An upper bound on a batch's service time, not a goal.
  Duration target_processing_time = std::chrono::seconds(1);
  double adaptation_factor = 0.1;                      ///< step of the fallback controller
  Duration max_wait = std::chrono::milliseconds(200);  ///< the oldest item's longest wait
  std::size_t max_bytes = std::size_t{64} << 20;       ///< of one batch
  int max_in_flight = 4;                               ///< batches in service

  bool operator==(const BatchOptions&) const = default;
};

/// Each item leaves alone and at once.
BatchOptions single_item_batches();

/// Every problem at once, `option: value is outside low to high`; empty = fine.
std::vector<std::string> validate(const BatchOptions& options);

}  // namespace reelmill
