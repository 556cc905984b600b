// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_cost_curve.h"

#include <algorithm>
#include <cmath>

#include "resilience/batch_line_prior.h"
#include "resilience/batch_success.h"

namespace reelmill {
namespace {

constexpr std::size_t most_bins = 48;
constexpr double worst_success = 1e-3;  // keeps the cost of a size that never succeeds finite
constexpr double usual_spread = 0.1;

}  // namespace

BatchCostCurve::BatchCostCurve(int min_size, int max_size) : min_(min_size), max_(max_size) {
  partition();
}

void BatchCostCurve::partition() {
  bins_.clear();
  double edge = min_;
  int low = min_;
  while (low <= max_) {
    edge = std::max(edge * bin_ratio, low + 1.0);
    const int next = std::min(max_ + 1, static_cast<int>(std::lround(edge)));
    bins_.push_back({low, next - 1, {}});
    low = next;
  }
  changed();
}

BatchCostCurve::Bin& BatchCostCurve::bin_of(int size) {
  const int wanted = std::clamp(size, min_, max_);
  return *std::partition_point(bins_.begin(), bins_.end(),
                               [&](const Bin& bin) { return bin.high < wanted; });
}

const BatchSamples& BatchCostCurve::bin(int size) const {
  return const_cast<BatchCostCurve*>(this)->bin_of(size).samples;
}

void BatchCostCurve::add(const BatchSample& sample) {
  bin_of(sample.n).samples.add(sample);
  changed();
}

void BatchCostCurve::refine(int size) {
  const Bin old = bin_of(size);
  const int width = size / 100;
  const int low = std::max(old.low, size - width), high = std::min(old.high, size + width);
  if (low == old.low && high == old.high) return;
  if (bins_.size() + 2 > most_bins) {
    const auto all = bins_;
    partition();
    for (const auto& bin : all) {
      for (const auto& sample : bin.samples.samples()) add(sample);
    }
    return refine(size);
  }
  const auto at = static_cast<std::ptrdiff_t>(&bin_of(size) - bins_.data());
  std::vector<Bin> parts;
  if (old.low < low) parts.push_back({old.low, low - 1, {}});
  parts.push_back({low, high, {}});
  if (high < old.high) parts.push_back({high + 1, old.high, {}});
  bins_.erase(bins_.begin() + at);
  bins_.insert(bins_.begin() + at, parts.begin(), parts.end());
  for (const auto& sample : old.samples.samples()) bin_of(sample.n).samples.add(sample);
  changed();
}

void BatchCostCurve::expire(std::uint64_t before) {
  for (auto& bin : bins_) {
    if (bin.samples.empty() || bin.samples.last_at() >= before) continue;
    bin.samples.clear();
    changed();
  }
}

void BatchCostCurve::forget(int size) {
  bin_of(size).samples.clear();
  changed();
}

void BatchCostCurve::clear() {
  partition();
}

void BatchCostCurve::scale(double factor) {
  for (auto& bin : bins_) bin.samples.scale(factor);
  changed();
}

void BatchCostCurve::renew() const {
  if (!is_stale_) return;
  is_stale_ = false;
  points_.clear();
  std::vector<BatchPoint> line;
  std::vector<BatchOutcomes> outcomes;
  for (const auto& [low, high, samples] : bins_) {
    if (samples.empty()) continue;
    line.push_back({samples.mean_size(), samples.median()});
    outcomes.push_back({samples.mean_size(), samples.batches(), samples.success()});
  }
  const double h = failure_an_item(outcomes);
  auto outcome = outcomes.begin();
  for (const auto& [low, high, samples] : bins_) {
    if (samples.empty()) continue;
    const double success = smoothed_success(*outcome++, h);
    points_.push_back({samples.mean_size(), samples.seconds(), success,
                       samples.seconds() / (samples.mean_size() * std::max(worst_success, success)),
                       samples.count(), samples.last_at()});
  }
  fit_ = theil_sen(line);
  draw_to_line(points_, spread());
}

const std::vector<BatchCostPoint>& BatchCostCurve::points() const {
  renew();
  return points_;
}

const BatchFit& BatchCostCurve::fit() const {
  renew();
  return fit_;
}

double BatchCostCurve::predict(double n) const {
  const auto& points = this->points();
  if (points.empty()) return 0;
  const auto above = std::partition_point(points.begin(), points.end(),
                                          [&](const auto& point) { return point.n < n; });
  if (above == points.begin()) {
    // Smaller batches are never slower; without a line they may be all overhead.
    const auto& first = points.front();
    const double slope = points.size() > 1 ? fit_.a : 0;
    return std::max(first.seconds - slope * (first.n - n), first.seconds * n / first.n);
  }
  if (above == points.end()) {
    const auto& last = points.back();
    const double proportional = last.seconds * n / last.n;
    if (points.size() == 1) return proportional;
    const auto& before = points[points.size() - 2];
    const double local = (last.seconds - before.seconds) / (last.n - before.n);
    return std::min(proportional, last.seconds + std::max(local, fit_.a) * (n - last.n));
  }
  const auto& below = *(above - 1);
  const double share = (n - below.n) / (above->n - below.n);
  return below.seconds + share * (above->seconds - below.seconds);
}

double BatchCostCurve::cost(int size) const {
  const auto& samples = bin(size);
  if (samples.empty()) return 0;
  const auto& points = this->points();
  const auto found = std::find_if(points.begin(), points.end(), [&](const auto& point) {
    return point.n == samples.mean_size();
  });
  return found->cost;
}

double BatchCostCurve::spread() const {
  double scatter = 0, freedom = 0;
  for (const auto& bin : bins_) {
    if (bin.samples.count() < 2) continue;
    scatter += bin.samples.scatter();
    freedom += bin.samples.count() - 1;
  }
  return freedom > 0 ? std::sqrt(scatter / freedom) : usual_spread;
}

double BatchCostCurve::success(double n) const {
  double best = 1, distance = -1;
  for (const auto& point : points()) {
    const double d = std::abs(std::log(point.n / n));
    if (distance < 0 || d < distance) {
      distance = d;
      best = point.success;
    }
  }
  return best;
}

}  // namespace reelmill
