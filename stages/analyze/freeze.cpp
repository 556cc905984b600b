// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/freeze.h"

#include <cmath>
#include <cstdlib>

#include "stages/analyze/intervals.h"
#include "stages/api/registry.h"

namespace reelmill {
namespace {

// In 1/256 level, the unit of FrameFeatures::picture.
struct StillnessLimit {
  double mean;
  int cell;
};

StillnessLimit limit_of(double noise_db) {
  constexpr double kFullScale = 255 * 256, kCellFactor = 96;
  const double mean = std::pow(10, noise_db / 20) * kFullScale;
  return {mean, static_cast<int>(std::min(mean * kCellFactor, kFullScale))};
}

bool shows_the_same(const FrameFeatures& a, const FrameFeatures& b, const StillnessLimit& limit) {
  int sum = 0, greatest = 0;
  for (std::size_t i = 0; i < a.picture.size(); ++i) {
    const int difference = std::abs(int{a.picture[i]} - int{b.picture[i]});
    sum += difference;
    greatest = std::max(greatest, difference);
  }
  return sum <= limit.mean * static_cast<double>(a.picture.size()) && greatest <= limit.cell;
}

}  // namespace

OptionTable<FreezeOptions> freeze_options() {
  return OptionTable<FreezeOptions>()
      .add("min_duration", &FreezeOptions::min_duration, "shortest stretch of time reported",
           Range{0, 86400})
      .add("noise", &FreezeOptions::noise,
           "mean difference in dB of full scale up to which two pictures count as the same",
           Range{-100, 0});
}

Result<Findings> FreezeDetector::detect(const Timeline& timeline) const {
  const auto limit = limit_of(options_.noise);
  LongIntervals frozen(options_.min_duration);
  FrameFeatures reference;
  std::int64_t since = -1;  // the frame with which the stretch began
  double since_s = 0;
  const auto end_at = [&](std::int64_t frame, double at_s) {
    if (since >= 0 && frame > since + 1) frozen.add(since_s, at_s);
  };
  auto reader = timeline.read();
  while (const TimelineFrame* frame = reader.next()) {
    if (since >= 0 && shows_the_same(reference, frame->features, limit)) continue;
    end_at(reader.index(), reader.start_s());
    reference = frame->features;
    since = reader.index();
    since_s = reader.start_s();
  }
  REELMILL_TRY(reader.status());
  end_at(timeline.size(), timeline.end_s());
  Findings findings;
  findings.set_intervals("freeze", frozen.list());
  return findings;
}

namespace {

const RegisterStage registered{define_stage<FreezeOptions>(
    {.name = "freeze",
     .version = 1,
     .summary = "Freeze: stretches of time in which the picture stands still",
     .kind = StageKind::frames},
    freeze_options(), [](const FreezeOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::all;
      parts.detector = std::make_shared<FreezeDetector>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
