// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace reelmill {

/// A size and the time that a batch of it takes.
struct BatchPoint {
  double n = 0;        ///< items
  double seconds = 0;  ///< service time of the batch
};

/// Service time as b + a·n.
struct BatchFit {
  double a = 0;      ///< seconds an item
  double b = 0;      ///< seconds a batch
  double error = 1;  ///< median relative distance of the points from the line
  int points = 0;    ///< sizes it rests on; below 2 there is no line

  double at(double n) const { return b + a * n; }
};

/// The line through the points by Theil and Sen: a is the median slope of all pairs, b the median
/// of what remains; neither is below 0. It stands up to a knee or an outlier in 29 % of the points.
BatchFit theil_sen(std::span<const BatchPoint> points);

}  // namespace reelmill
