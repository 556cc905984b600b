// SPDX-License-Identifier: Apache-2.0
#include "pipeline/prediction_score.h"

#include <algorithm>
#include <cmath>

namespace reelmill {
namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double median_error(std::vector<double> ratios, double scale) {
  for (auto& ratio : ratios) ratio = std::abs(scale * ratio - 1);
  return median(std::move(ratios));
}

}  // namespace

void PredictionScore::add(double predicted_s, double took_s) {
  if (predicted_s <= 0 || took_s <= 0) return;
  const std::lock_guard lock(mutex_);
  predicted_s_ += predicted_s;
  took_s_ += took_s;
  ratios_.push_back(static_cast<float>(predicted_s / took_s));
}

PredictionScore::Report PredictionScore::report() const {
  const std::lock_guard lock(mutex_);
  Report report;
  report.videos = static_cast<std::int64_t>(ratios_.size());
  report.predicted_s = predicted_s_;
  report.took_s = took_s_;
  if (ratios_.empty()) return report;
  const std::vector<double> ratios(ratios_.begin(), ratios_.end());
  report.median_error = median_error(ratios, 1);
  report.scaled_error = median_error(ratios, 1 / median(ratios));
  return report;
}

}  // namespace reelmill
