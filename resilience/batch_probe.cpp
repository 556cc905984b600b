// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_probe.h"

#include <algorithm>
#include <cmath>

namespace reelmill {
namespace {

constexpr double known_worse = 0.12, worth_knowing = 0.03, worth_refining = 0.01;

struct Neighbour {
  int size = 0;  ///< 0 = none
  int samples = 0;
  std::uint64_t last_at = 0;
  bool is_known_worse = false;
};

Neighbour neighbour(const BatchCostPoint* point, int step, const BatchCostPoint& here,
                    const BatchProbeView& view) {
  Neighbour found{.size = step};
  if (point == nullptr) return found;
  // A bin farther away than a step says nothing about the step.
  if (std::abs(std::log(point->n / here.n)) > 1.2 * std::abs(std::log(step / here.n))) return found;
  found.size = std::clamp(static_cast<int>(std::lround(point->n)), view.least, view.cap);
  found.samples = point->samples;
  found.last_at = point->last_at;
  const double worse = std::log(point->cost / here.cost);
  const double error = view.spread * std::sqrt(1.0 / point->samples + 1.0 / here.samples);
  found.is_known_worse = point->samples >= 2 && worse > known_worse && worse > 2 * error;
  return found;
}

/// A size between the cheapest and the next above it, when that one takes longer than the line
/// through the sizes below says, so that somewhere between the times leave it, and the costs would
/// go on falling up to there.
std::optional<int> size_between(const std::vector<BatchCostPoint>& points, double slope,
                                const BatchProbeView& view) {
  auto best = points.end();
  for (auto point = points.begin(); point != points.end(); ++point) {
    if (point->samples < 2 || point->n > view.cap + 0.5) continue;
    if (best == points.end() || point->cost < best->cost) best = point;
  }
  if (best == points.end() || best + 1 == points.end()) return std::nullopt;
  const auto above = best + 1;
  const int low = static_cast<int>(std::lround(best->n));
  const int high = std::min(view.cap + 1, static_cast<int>(std::lround(above->n)));
  if (high - low <= std::max(1, low / 50)) return std::nullopt;
  if (above->samples < 2) return above->n <= view.cap ? std::optional(high) : std::nullopt;
  double leverage = 0, error_below = 0;
  if (best != points.begin()) {
    const auto below = best - 1;
    slope = std::max(0.0, (best->seconds - below->seconds) / (best->n - below->n));
    leverage = (above->n - best->n) / (best->n - below->n);
    error_below = leverage * leverage / below->samples;
  }
  const auto on_line = [&](double n) { return best->seconds + slope * (n - best->n); };
  const double worse = std::log(above->cost / best->cost);
  const double error = view.spread * std::sqrt(1.0 / above->samples + 1.0 / best->samples);
  // Two sizes on either side of a knee may cost the same.
  const double off = std::log(above->seconds / on_line(above->n));
  const double error_off = view.spread * std::sqrt(1.0 / above->samples + error_below +
                                                   (1 + leverage) * (1 + leverage) / best->samples);
  const bool is_worse = worse >= worth_knowing && worse >= 2 * error;
  const bool is_off = off >= worth_knowing && off >= 2 * error_off;
  if (!is_worse && !is_off) return std::nullopt;
  const int n = high - 1;  // just below the bad one
  const double there = on_line(n) / n;
  if (there > (1 - worth_refining) * best->seconds / best->n) return std::nullopt;
  return low + (high - low) / 2;
}

}  // namespace

bool BatchProbe::is_due() const {
  return since_probe_ + 1 >= (since_start_ < batches_at_first ? period_at_first : period);
}

void BatchProbe::probed() {
  ++since_start_;
  since_probe_ = 0;
}

void BatchProbe::left() {
  ++since_start_;
  ++since_probe_;
}

std::optional<int> BatchProbe::choose(BatchCostCurve& curve, const BatchProbeView& view) {
  const BatchCostPoint *here = nullptr, *below = nullptr, *above = nullptr;
  const auto points = curve.points();
  for (const auto& point : points) {
    const int n = static_cast<int>(std::lround(point.n));
    if (n == view.target || (here == nullptr && std::abs(point.n / view.target - 1) < 0.02)) {
      here = &point;
    } else if (n < view.target) {
      below = &point;
    } else if (above == nullptr) {
      above = &point;
    }
  }
  if (here == nullptr) return std::nullopt;  // nothing to compare with yet
  const int step_up =
      std::max(view.target + 1, static_cast<int>(view.target * BatchCostCurve::bin_ratio));
  const int step_down =
      std::min(view.target - 1, static_cast<int>(view.target / BatchCostCurve::bin_ratio));
  std::optional<Neighbour> choice;
  const auto offer = [&](const Neighbour& offered) {
    if (offered.size == view.target) return;
    const auto rank = [](const Neighbour& x) {
      return std::pair(x.samples >= 4 ? 1 : 0,
                       x.samples >= 4 ? x.last_at : std::uint64_t(x.samples));
    };
    if (!choice || rank(offered) < rank(*choice)) choice = offered;
  };
  if (view.target > view.least) {
    const auto down = neighbour(below, std::max(view.least, step_down), *here, view);
    if (!down.is_known_worse || view.now > down.last_at + BatchProbe::fresh) offer(down);
  }
  if (view.target < view.cap) {
    const auto up = neighbour(above, std::min(view.cap, step_up), *here, view);
    if (!up.is_known_worse || view.now > up.last_at + BatchProbe::fresh) offer(up);
  }
  if (const auto between = size_between(points, curve.fit().a, view)) {
    curve.refine(*between);
    offer({.size = *between});
  }
  if (!choice) return std::nullopt;
  return choice->size;
}

}  // namespace reelmill
