// SPDX-License-Identifier: Apache-2.0
#include "resilience/change_detector.h"

#include <algorithm>
#include <cmath>

namespace reelmill {
namespace {

constexpr double lowest_p0 = 0.001;
constexpr double highest_p0 = 0.9;
constexpr double highest_p1 = 0.99;
constexpr double p0_while_learning = 0.2;  // the top of the range the promise is made for
constexpr double weight = 0.001;           // of one call in the moving average

/// Wilson's upper bound of a rate, one-sided 97.5 %.
double upper_bound(double rate, double samples) {
  constexpr double z = 1.959964;
  const double zz = z * z / samples;
  const double centre = rate + zz / 2;
  const double spread = z * std::sqrt(rate * (1 - rate) / samples + zz / (4 * samples));
  return (centre + spread) / (1 + zz);
}

}  // namespace

ChangeDetector::ChangeDetector(double false_trip_calls, double learn_calls)
    : limit_(std::log(false_trip_calls)), learn_calls_(std::ceil(learn_calls)) {
  choose_rates(p0_while_learning);
}

void ChangeDetector::choose_rates(double p0) {
  p0_ = std::clamp(p0, lowest_p0, highest_p0);
  const double p1 = std::min(std::max(0.3, 3 * p0_), highest_p1);
  up_ = std::log(p1 / p0_);
  down_ = std::log((1 - p0_) / (1 - p1));
}

void ChangeDetector::arm() {
  mean_ = learned_failures_ / learned_;
  variance_factor_ = 1 / learned_;
  choose_rates(upper_bound(mean_, learned_));
}

void ChangeDetector::follow(double count, double outcome) {
  const double kept = std::pow(1 - weight, count);
  mean_ = outcome + (mean_ - outcome) * kept;
  // Sum of squared weights: its reciprocal is the number of equal samples that would be as certain.
  const double steady = weight / (2 - weight);
  variance_factor_ = steady + (variance_factor_ - steady) * kept * kept;
  choose_rates(upper_bound(mean_, 1 / variance_factor_));
}

void ChangeDetector::successes(std::uint64_t count) {
  auto left = static_cast<double>(count);
  if (!has_learned()) {
    const double taken = std::min(left, learn_calls_ - learned_);
    learned_ += taken;
    left -= taken;
    statistic_ = std::max(0.0, statistic_ - taken * down_);
    if (has_learned()) arm();
  }
  if (left == 0) return;
  const double above_half = std::max(0.0, statistic_ - limit_ / 2);
  const double frozen = std::min(left, std::ceil(above_half / down_));
  statistic_ = std::max(0.0, statistic_ - left * down_);
  if (left > frozen) follow(left - frozen, 0);
}

bool ChangeDetector::failure() {
  statistic_ += up_;
  if (!has_learned()) {
    ++learned_;
    ++learned_failures_;
    if (has_learned()) arm();
  } else if (statistic_ <= limit_ / 2) {
    follow(1, 1);
  }
  return statistic_ >= limit_;
}

}  // namespace reelmill
