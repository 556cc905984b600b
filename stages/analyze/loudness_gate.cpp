// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/loudness_gate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace reelmill {
namespace {

constexpr double kOffset = -0.691;           // LUFS, BS.1770-4, equation 2
constexpr double kAbsoluteGate = -70;        // LUFS
constexpr double kRelativeGate = 0.1;        // -10 LU as a factor of energy
constexpr double kRangeGate = 0.01;          // -20 LU, Tech 3342
constexpr double kLow = 0.10, kHigh = 0.95;  // percentiles between which the range lies

double loudness(double energy) {
  return 10 * std::log10(energy) + kOffset;
}

const double gate_energy = std::pow(10.0, (kAbsoluteGate - kOffset) / 10);

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

void LoudnessGate::add(double mean_energy) {
  recent_[static_cast<std::size_t>(slices_ % kLong)] = mean_energy;
  ++slices_;
  const auto keep = [&](std::vector<double>& blocks, double energy) {
    if (energy >= gate_energy) blocks.push_back(energy);
  };
  if (slices_ >= kShort) keep(blocks_, mean_of_last(kShort));
  if (slices_ >= kLong && (slices_ - kLong) % kLongStep == 0)
    keep(long_blocks_, mean_of_last(kLong));
}

double LoudnessGate::mean_of_last(std::int64_t slices) const {
  double sum = 0;
  for (std::int64_t i = slices_ - slices; i < slices_; ++i)
    sum += recent_[static_cast<std::size_t>(i % kLong)];
  return sum / static_cast<double>(slices);
}

double LoudnessGate::integrated() const {
  if (blocks_.empty()) return -std::numeric_limits<double>::infinity();
  const double threshold = kRelativeGate * mean(blocks_);
  double sum = 0;
  std::int64_t count = 0;
  for (const double energy : blocks_) {
    if (energy < threshold) continue;
    sum += energy;
    ++count;
  }
  return loudness(sum / static_cast<double>(count));
}

double LoudnessGate::range() const {
  if (long_blocks_.empty()) return 0;
  auto sorted = long_blocks_;
  std::sort(sorted.begin(), sorted.end());
  const auto gated =
      std::lower_bound(sorted.begin(), sorted.end(), kRangeGate * mean(long_blocks_));
  const auto last = static_cast<double>(sorted.end() - gated - 1);
  const auto at = [&](double share) { return gated[std::lround(last * share)]; };
  return loudness(at(kHigh)) - loudness(at(kLow));
}

}  // namespace reelmill
