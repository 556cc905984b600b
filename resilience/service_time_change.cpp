// SPDX-License-Identifier: Apache-2.0
#include "resilience/service_time_change.h"

#include <algorithm>

namespace reelmill {
namespace {

constexpr double narrowest_clip = 0.5, slack = 0.08, alarm = 1.5;
// In standard deviations: the chance of a false alarm is about exp(-2 · 0.8 · 6) a sample.
constexpr double clip_deviations = 2.5, slack_deviations = 0.8, alarm_deviations = 6;

}  // namespace

bool ServiceTimeChange::observe(double log_ratio, double spread) {
  const double clip = std::max(narrowest_clip, clip_deviations * spread);
  const double allowed = std::max(slack, slack_deviations * spread);
  const double x = std::clamp(log_ratio, -clip, clip);
  up_ = std::max(0.0, up_ + x - allowed);
  down_ = std::max(0.0, down_ - x - allowed);
  if (std::max(up_, down_) < std::max(alarm, alarm_deviations * spread)) return false;
  clear();
  return true;
}

}  // namespace reelmill
