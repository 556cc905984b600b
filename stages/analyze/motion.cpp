// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/motion.h"

#include <algorithm>
#include <cmath>

#include "stages/api/registry.h"

namespace reelmill {
namespace {

// A jump this large is a cut, not motion: unrelated scenes lie at 30 levels and above.
constexpr float kCut = 30;
constexpr double kRounding = 1e-9;

}  // namespace

OptionTable<MotionOptions> motion_options() {
  return OptionTable<MotionOptions>().add(
      "still_level", &MotionOptions::still_level,
      "a second whose frames differ by less than this on average is still, in levels of 255",
      Range{0, 20});
}

Result<Findings> MotionDetector::detect(const Timeline& timeline) const {
  double sum = 0, most = 0;
  double most_at_s = 0, still_s = 0;
  double second_sum = 0, second_from_s = 0;
  std::int64_t count = 0, second_count = 0;
  const auto end_second = [&](double end_s) {
    if (second_count == 0) return;
    const double mean = second_sum / static_cast<double>(second_count);
    if (mean > most) most = mean, most_at_s = second_from_s;
    if (mean < options_.still_level) still_s += end_s - second_from_s;
    second_sum = 0, second_count = 0;
  };
  FrameFeatures before;
  bool has_before = false;
  auto reader = timeline.read();
  while (const TimelineFrame* frame = reader.next()) {
    const double at_s = reader.start_s();
    if (has_before) {
      if (at_s - second_from_s >= 1 - kRounding) {
        end_second(at_s);
        second_from_s = at_s;
      }
      const float difference = picture_difference(before, frame->features);
      if (difference < kCut) {
        sum += difference, second_sum += difference;
        ++count, ++second_count;
      }
    } else {
      second_from_s = at_s;
    }
    before = frame->features;
    has_before = true;
  }
  REELMILL_TRY(reader.status());
  end_second(timeline.end_s());
  Findings findings;
  if (count == 0) {
    findings.set("motion", nullptr);
    return findings;
  }
  const auto rounded = [](double value) { return std::round(value * 1000) / 1000; };
  findings.set("motion",
               Json{{"mean", rounded(sum / static_cast<double>(count))},
                    {"most", rounded(most)},
                    {"most_at_s", most_at_s},
                    {"still_share",
                     rounded(std::clamp(still_s / std::max(timeline.end_s(), 1e-9), 0.0, 1.0))}});
  return findings;
}

namespace {

const RegisterStage registered{define_stage<MotionOptions>(
    {.name = "motion",
     .version = 1,
     .summary = "Motion: how much moves from frame to frame, where most, and how much stands still",
     .kind = StageKind::frames},
    motion_options(), [](const MotionOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::all;
      parts.detector = std::make_shared<MotionDetector>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
