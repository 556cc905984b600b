// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/picture_change.h"

#include <cmath>
#include <cstdlib>

namespace reelmill {

float histogram_change(const FrameFeatures& a, const FrameFeatures& b) noexcept {
  constexpr float kLevelsPerBin = 256.0F / FrameFeatures::kBins;
  int cumulative = 0;
  std::int64_t area = 0;
  for (int bin = 0; bin < FrameFeatures::kBins; ++bin) {
    const auto at = static_cast<std::size_t>(bin);
    cumulative += int{a.histogram[at]} - int{b.histogram[at]};
    area += std::abs(cumulative);
  }
  return static_cast<float>(area) / 65535.0F * kLevelsPerBin;
}

float picture_change(const FrameFeatures& a, const FrameFeatures& b) noexcept {
  return picture_difference(a, b) + histogram_change(a, b);
}

PictureLikeness picture_likeness(const FrameFeatures& a, const FrameFeatures& b,
                                 float tolerance) noexcept {
  constexpr int kBlack = 26 * 256;      // 10 % of nominal range, in 1/256 level
  constexpr double kNoise = 2.0 * 256;  // deviation that compression alone may make
  const int tolerated = static_cast<int>(tolerance * 256);
  std::int64_t count = 0, changed = 0;
  double sum_a = 0, sum_b = 0, sum_aa = 0, sum_bb = 0, sum_ab = 0;
  for (std::size_t i = 0; i < a.picture.size(); ++i) {
    const int x = a.picture[i], y = b.picture[i];
    if (x < kBlack && y < kBlack) continue;
    ++count;
    changed += std::abs(x - y) > tolerated ? 1 : 0;
    sum_a += x;
    sum_b += y;
    sum_aa += static_cast<double>(x) * x;
    sum_bb += static_cast<double>(y) * y;
    sum_ab += static_cast<double>(x) * y;
  }
  PictureLikeness likeness;
  if (count == 0) return likeness;
  const auto n = static_cast<double>(count);
  const double variance_a = sum_aa / n - sum_a / n * (sum_a / n) + kNoise * kNoise;
  const double variance_b = sum_bb / n - sum_b / n * (sum_b / n) + kNoise * kNoise;
  const double covariance = sum_ab / n - sum_a / n * (sum_b / n);
  likeness.active_share = static_cast<float>(n / static_cast<double>(a.picture.size()));
  likeness.changed_share = static_cast<float>(static_cast<double>(changed) / n);
  likeness.correlation = static_cast<float>(covariance / std::sqrt(variance_a * variance_b));
  return likeness;
}

}  // namespace reelmill
