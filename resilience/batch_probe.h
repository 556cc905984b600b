// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "resilience/batch_cost_curve.h"

namespace reelmill {

/// What a probe is chosen by.
struct BatchProbeView {
  int target = 1;          ///< the size in use
  int least = 1, cap = 1;  ///< sizes permitted
  double spread = 0.1;     ///< relative, of one sample
  std::uint64_t now = 0;   ///< number of the observation
};

/// Tries the neighbours of the size in use, so that a change of theirs is noticed.
/// One batch in 12; one in 3 for a while after a (re)start. Not thread-safe.
class BatchProbe {
 public:
  static constexpr int period = 12, period_at_first = 3, batches_at_first = 45;
  /// A neighbour known to be worse is left alone until not seen for so many batches.
  static constexpr std::uint64_t fresh = 192;

  void restart() { since_start_ = since_probe_ = 0; }
  /// The next batch should be a probe.
  bool is_due() const;
  /// A batch left, as a probe or otherwise.
  void probed();
  void left();

  /// The size to try: of the neighbours below and above, the one seen longest ago, except those
  /// known to be over 12 % worse by more than twice the error. Between the cheapest size and a
  /// worse one above it, a size halfway, as long as that may save over 1 %; it gets a bin of its
  /// own in the curve.
  static std::optional<int> choose(BatchCostCurve& curve, const BatchProbeView& view);

 private:
  int since_start_ = 0, since_probe_ = 0;
};

}  // namespace reelmill
