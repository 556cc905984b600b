// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

struct ColorBarsOptions {
  Duration min_duration = std::chrono::seconds(1);
};

OptionTable<ColorBarsOptions> color_bars_options();

/// Whether a picture shows colour bars: seven bars of SMPTE EG 1 or RP 219 (with or without the
/// grey sides of the 16:9 pattern) or eight of EBU Tech 3325 (ITU-R BT.471), told by their luma,
/// which falls from bar to bar by known steps and does not change down the upper half of the
/// picture.
bool shows_color_bars(const FrameFeatures& features);

/// Finds the stretches of time in which colour bars are shown.
class ColorBarsDetector final : public Detector {
 public:
  explicit ColorBarsDetector(const ColorBarsOptions& options) : options_(options) {}
  Result<Findings> detect(const Timeline& timeline) const override;

 private:
  ColorBarsOptions options_;
};

}  // namespace reelmill
