// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_line_prior.h"

#include <algorithm>

#include "resilience/batch_fit.h"

namespace reelmill {
namespace {

constexpr double least_off_line = 0.03, least_spread = 1e-6;

/// Least squares of the relative distances, each sample counting alike.
BatchFit line_through(std::span<const BatchCostPoint> points) {
  double w = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& point : points) {
    const double weight = point.samples / (point.seconds * point.seconds);
    w += weight;
    x += weight * point.n;
    y += weight * point.seconds;
    xx += weight * point.n * point.n;
    xy += weight * point.n * point.seconds;
  }
  BatchFit line;
  const double determinant = w * xx - x * x;
  if (determinant <= 0) return line;
  line.points = static_cast<int>(points.size());
  line.a = std::max(0.0, (w * xy - x * y) / determinant);
  line.b = (y - line.a * x) / w;
  if (line.b >= 0) return line;
  line.b = 0;
  line.a = xy / xx;
  return line;
}

}  // namespace

void draw_to_line(std::span<BatchCostPoint> points, double spread) {
  if (points.size() < 3) return;
  const auto line = line_through(points);
  if (line.points == 0) return;
  const auto variance_of = [&](const BatchCostPoint& point) {
    const double deviation = std::max(least_spread, spread);
    return deviation * deviation / point.samples;
  };
  double scatter = 0, weights = 0, squares = 0;
  for (const auto& point : points) {
    const double off = point.seconds / line.at(point.n) - 1, weight = 1 / variance_of(point);
    scatter += off * off * weight;
    weights += weight;
    squares += weight * weight;
  }
  const double freedom = static_cast<double>(points.size()) - 2;
  const double off_line = std::max(least_off_line * least_off_line,
                                   (scatter - freedom) / (weights - squares / weights));
  for (auto& point : points) {
    const double own = off_line / (off_line + variance_of(point));
    const double seconds = own * point.seconds + (1 - own) * line.at(point.n);
    point.cost *= seconds / point.seconds;
    point.seconds = seconds;
  }
}

}  // namespace reelmill
