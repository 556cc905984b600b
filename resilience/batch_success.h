// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace reelmill {

/// How many batches of a size were sent, and which share of their items succeeded.
struct BatchOutcomes {
  double n = 0;        ///< items a batch
  double batches = 0;  ///< sent
  double success = 1;  ///< share of the items
};

/// The chance a second item adds to a batch's failing as a whole: the h of success = exp(−h·n) that
/// is most likely for these outcomes. Where failures are of single items it is about 0.
double failure_an_item(std::span<const BatchOutcomes> outcomes);

/// The share that succeeds at a size: what was counted there, with exp(−h·n) counting as much as 32
/// batches, because a share of whole batches is known only roughly from a few.
double smoothed_success(const BatchOutcomes& outcomes, double h);

}  // namespace reelmill
