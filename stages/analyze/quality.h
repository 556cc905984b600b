// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

struct QualityOptions {
  double blur_below = 10;  ///< levels²
  double dark_share = 0.5;
  double bright_share = 0.3;
};

OptionTable<QualityOptions> quality_options();

/// Counts values from 0 to 2^24 in bins of a sixteenth of an octave of 1 + value, and tells
/// percentiles to within 3 %. Fixed size; the same values give the same answer in any order.
class LogHistogram {
 public:
  void add(float value) noexcept;
  /// `share` 0 to 1; 0 when nothing was counted.
  double percentile(double share) const noexcept;

 private:
  static constexpr int kBins = 24 * 16;
  std::array<std::int64_t, kBins> counts_{};
  std::int64_t total_ = 0;
};

/// Says how sharp, how bright and how well exposed a video is, in constant memory:
///  - sharpness: mean squared Laplacian in levels² (energy of Laplacian, M. Subbarao, T. Choi and
///    A. Nikzad, Focusing techniques, Optical Engineering 32(11), 1993): mean, 10th and 50th
///    percentile over frames; depends on resolution and content, so compare like with like;
///  - blurred: share of the frames that show something (deviation above 4 levels) but nothing
///    sharp;
///  - exposure: mean luma and contrast (standard deviation) in levels 0 to 255, mean shares of
///    pixels in crushed shadows and blown highlights, and the shares of frames in which these
///    prevail.
/// Black frames say nothing of quality and are left out.
class QualityDetector final : public Detector {
 public:
  explicit QualityDetector(const QualityOptions& options) : options_(options) {}
  Result<Findings> detect(const Timeline& timeline) const override;

 private:
  QualityOptions options_;
};

}  // namespace reelmill
