// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_size_choice.h"

#include <algorithm>
#include <cmath>

namespace reelmill {

int longest_within(const BatchCostCurve& curve, double seconds, double factor, int least,
                   int limit) {
  if (curve.points().empty() || curve.predict(limit) * factor <= seconds) return limit;
  int low = least, high = limit;  // high does not fit
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    (curve.predict(middle) * factor <= seconds ? low : high) = middle;
  }
  return low;
}

std::vector<BatchCostPoint> candidates(const BatchCostCurve& curve, int cap) {
  std::vector<BatchCostPoint> found;
  const BatchCostPoint* above = nullptr;
  for (const auto& point : curve.points()) {
    if (point.n > cap + 0.5) {
      above = &point;
      break;
    }
    if (point.samples >= 2) found.push_back(point);
  }
  const bool is_cut = above != nullptr && (found.empty() || found.back().n < cap - 0.5);
  if (is_cut) {
    const double seconds = curve.predict(cap), success = curve.success(cap);
    found.push_back({static_cast<double>(cap), seconds, success,
                     seconds / (cap * std::max(1e-3, success)), above->samples, above->last_at});
  }
  return found;
}

std::optional<int> smallest_in_band(const std::vector<BatchCostPoint>& candidates) {
  if (candidates.empty()) return std::nullopt;
  const auto cheapest = std::min_element(candidates.begin(), candidates.end(),
                                         [](auto& a, auto& b) { return a.cost < b.cost; });
  const auto first = std::find_if(candidates.begin(), candidates.end(), [&](const auto& point) {
    return point.cost <= batch_cost_aim * cheapest->cost;
  });
  return static_cast<int>(std::lround(first->n));
}

std::optional<int> cheapest_of(const std::vector<BatchCostPoint>& candidates) {
  if (candidates.empty()) return std::nullopt;
  const auto cheapest = std::min_element(candidates.begin(), candidates.end(),
                                         [](auto& a, auto& b) { return a.cost < b.cost; });
  return static_cast<int>(std::lround(cheapest->n));
}

}  // namespace reelmill
