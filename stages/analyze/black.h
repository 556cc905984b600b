// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

struct BlackOptions {
  Duration min_duration = std::chrono::milliseconds(100);
  double level = 0.1;
  double share = 0.98;
};

OptionTable<BlackOptions> black_options();

/// Share of the pixels at or below `level` (0 to 1) of the nominal range. Exact at 0.1; elsewhere
/// interpolated in the 64-bin histogram.
double black_share(const FrameFeatures& features, double level) noexcept;

/// Finds the stretches in which nearly all pixels are black.
class BlackDetector final : public Detector {
 public:
  explicit BlackDetector(const BlackOptions& options) : options_(options) {}
  Result<Findings> detect(const Timeline& timeline) const override;

 private:
  BlackOptions options_;
};

}  // namespace reelmill
