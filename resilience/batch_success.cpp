// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_success.h"

#include <cmath>

namespace reelmill {
namespace {

constexpr double weight = 32;  // batches

}  // namespace

double failure_an_item(std::span<const BatchOutcomes> outcomes) {
  double failed = 0;
  for (const auto& o : outcomes) failed += o.batches * (1 - o.success);
  if (failed <= 0) return 0;
  // The likelihood's slope falls in h: Σ failed · n / (e^(hn) − 1) − Σ succeeded · n = 0.
  double low = 1e-6, high = 1;
  for (int i = 0; i < 14; ++i) {
    const double h = std::sqrt(low * high);
    double slope = 0;
    for (const auto& o : outcomes) {
      slope += o.n * o.batches * ((1 - o.success) / std::expm1(h * o.n) - o.success);
    }
    (slope > 0 ? low : high) = h;
  }
  return low;
}

double smoothed_success(const BatchOutcomes& outcomes, double h) {
  return (outcomes.batches * outcomes.success + weight * std::exp(-h * outcomes.n)) /
         (outcomes.batches + weight);
}

}  // namespace reelmill
