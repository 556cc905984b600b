// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_fit.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace reelmill {
namespace {

double median(std::vector<double>& values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace

BatchFit theil_sen(std::span<const BatchPoint> points) {
  BatchFit fit{.points = static_cast<int>(points.size())};
  std::vector<double> values;
  values.reserve(points.size() * points.size() / 2 + 1);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      const double step = points[j].n - points[i].n;
      if (step != 0) values.push_back((points[j].seconds - points[i].seconds) / step);
    }
  }
  if (values.empty()) return fit;
  fit.a = std::max(0.0, median(values));
  values.clear();
  for (const auto& point : points) values.push_back(point.seconds - fit.a * point.n);
  fit.b = std::max(0.0, median(values));
  values.clear();
  for (const auto& point : points) {
    values.push_back(std::abs(point.seconds - fit.at(point.n)) / point.seconds);
  }
  fit.error = median(values);
  return fit;
}

}  // namespace reelmill
