// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/black.h"

#include <cmath>

#include "stages/analyze/intervals.h"
#include "stages/api/registry.h"

namespace reelmill {

OptionTable<BlackOptions> black_options() {
  return OptionTable<BlackOptions>()
      .add("min_duration", &BlackOptions::min_duration, "shortest stretch of time reported",
           Range{0, 3600})
      .add("level", &BlackOptions::level,
           "a pixel is black up to this share of the nominal luma range (0 to 1)", Range{0, 1})
      .add("share", &BlackOptions::share,
           "a frame is black when this share of its pixels is (0 to 1)", Range{0.01, 1});
}

double black_share(const FrameFeatures& features, double level) noexcept {
  constexpr double kComputedLevel = 0.1, kLevels = 255;
  if (level == kComputedLevel) return features.black_share;
  constexpr int kLevelsPerBin = 256 / FrameFeatures::kBins;
  // Bin b holds the levels from 4 b up to 4 b + 3.
  const double levels = std::floor(level * kLevels) + 1;
  double share = 0;
  for (int bin = 0; bin < FrameFeatures::kBins; ++bin) {
    const double part = std::clamp((levels - bin * kLevelsPerBin) / kLevelsPerBin, 0.0, 1.0);
    share += part * features.histogram[static_cast<std::size_t>(bin)];
  }
  return share / 65535;
}

Result<Findings> BlackDetector::detect(const Timeline& timeline) const {
  LongIntervals black(options_.min_duration);
  constexpr double kNotBlack = -1;
  double since_s = kNotBlack;
  auto reader = timeline.read();
  while (const TimelineFrame* frame = reader.next()) {
    const bool is_black = black_share(frame->features, options_.level) >= options_.share;
    if (is_black && since_s < 0) since_s = reader.start_s();
    if (!is_black && since_s >= 0) {
      black.add(since_s, reader.start_s());
      since_s = kNotBlack;
    }
  }
  REELMILL_TRY(reader.status());
  if (since_s >= 0) black.add(since_s, timeline.end_s());
  Findings findings;
  findings.set_intervals("black", black.list());
  return findings;
}

namespace {

const RegisterStage registered{define_stage<BlackOptions>(
    {.name = "black",
     .version = 1,
     .summary = "Black: stretches of time in which the picture is black",
     .kind = StageKind::frames},
    black_options(), [](const BlackOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::all;
      parts.detector = std::make_shared<BlackDetector>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
