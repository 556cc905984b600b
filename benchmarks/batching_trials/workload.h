// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "resilience/batch_options.h"

namespace reelmill::batching {

/// A service and what is asked of it, in virtual time. A batch of n items with m MB takes
/// b + a·n + c·m + q·n² + a·(slope − 1)·max(0, n − knee) milliseconds, times lognormal noise of
/// mean 1.
struct Workload {
  std::string name = "custom";

  double b = 50, a = 4, c = 0;              ///< ms a batch, an item, an MB
  double q = 0;                             ///< ms · n²: a soft knee at √(b / q)
  double knee = 0, slope = 8;               ///< items, 0 = none; a beyond the knee, relative
  double jump = 0;                          ///< ms more as soon as n is beyond the knee
  double noise = 0.05;                      ///< σ of ln(time)
  double tail = 0;                          ///< σ of ln(an item's own time), of mean a
  double outlier = 0, outlier_factor = 10;  ///< share of batches; times as long
  double fail = 0;                          ///< share of items that fail
  bool fails_whole = false;                 ///< one failed item fails its batch

  /// Where b, a and knee go within a period; < 0 = they stay.
  double b2 = -1, a2 = -1, knee2 = -1;
  double period = 0;    ///< s; 0 = stationary
  bool drifts = false;  ///< to and fro, instead of jumping at half the period

  double burst = 0, every = 0;  ///< items at once, s between; 0 = the queue never runs dry
  double rate = 0;              ///< items a second (Poisson); 0 = the queue never runs dry
  double sources = 1;  ///< ratio of the first source's items to the second's; 1 = one source
  double mb = 0;       ///< size of an item
  bool mixed = false;  ///< items of 360p, 1080p and 4K RGB, 5 : 4 : 1
  double servers = 1;  ///< batches served side by side before they slow each other down

  BatchOptions options{.max_in_flight = 1};

  bool is_moving() const { return period > 0; }
};

/// The specification's workloads, in its order, and some more.
const std::vector<Workload>& workloads();

/// `a=4,b=100,knee=32`: any member above by name, and target (ms), wait (ms), min, max, initial,
/// slots and max_mb of the options. Fails naming the unknown key.
Result<Workload> parse_workload(std::string_view text);

}  // namespace reelmill::batching
