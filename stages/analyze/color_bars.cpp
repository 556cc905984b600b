// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/color_bars.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>

#include "stages/analyze/intervals.h"
#include "stages/api/registry.h"

namespace reelmill {
namespace {

constexpr int kWide = FrameFeatures::kPictureWidth;
// Rows of the picture that every pattern fills with bars: the SMPTE ones end at 7/12 of the height.
constexpr int kFirstRow = 1, kEndRow = 10;
// Levels by which a bar may miss its nominal luma, after the best fit of gain and offset.
constexpr double kTolerance = 9;
constexpr double kRowTolerance = 6;
constexpr double kLeastContrast = 60;  // between the first and the last bar
// Within a bar a level may change by so much of that contrast: a ramp changes it by a sixteenth.
constexpr double kFlatShare = 1.0 / 20;
// So many cells of a bar must be alike. One more, at either end, may show its neighbour too: widths
// of bars are rounded, and captured analog video has black at both sides.
constexpr int kLeastCells = 3;

// Luma of white, yellow, cyan, green, magenta, red, blue and black, as shares of white.
using Steps = std::array<double, 8>;
constexpr Steps kBt601 = {1, 0.886, 0.701, 0.587, 0.413, 0.299, 0.114, 0};
constexpr Steps kBt709 = {1, 0.928, 0.787, 0.715, 0.285, 0.213, 0.072, 0};

using Profile = std::array<double, kWide>;

// The mean of the rows; nothing where they differ.
std::optional<Profile> profile_of(const FrameFeatures& features) {
  Profile mean{};
  for (int column = 0; column < kWide; ++column) {
    double least = 255, most = 0;
    for (int row = kFirstRow; row < kEndRow; ++row) {
      const double level = features.picture[static_cast<std::size_t>(row * kWide + column)] / 256.0;
      least = std::min(least, level);
      most = std::max(most, level);
      mean[static_cast<std::size_t>(column)] += level / (kEndRow - kFirstRow);
    }
    if (most - least > kRowTolerance) return {};
  }
  return mean;
}

struct Bars {
  std::array<double, 8> levels{};
  double spread = 0;  // the most by which a level changes within one bar
};

struct Stretch {
  double least = 255, most = 0, mean = 0;
  double spread() const { return most - least; }
};

Stretch stretch_of(const Profile& profile, int first, int end) {
  Stretch stretch;
  for (int column = first; column < end; ++column) {
    const double level = profile[static_cast<std::size_t>(column)];
    stretch.least = std::min(stretch.least, level);
    stretch.most = std::max(stretch.most, level);
    stretch.mean += level / (end - first);
  }
  return stretch;
}

// What the columns from `left` to `right` (in cells) show in each bar. A cell that two bars share
// says nothing.
std::optional<Bars> bars_between(const Profile& profile, double left, double right, int count) {
  Bars bars;
  const double width = (right - left) / count;
  for (int bar = 0; bar < count; ++bar) {
    const double from = left + bar * width, to = from + width;
    const int first = static_cast<int>(std::ceil(from - 1e-9));
    const int end = static_cast<int>(std::floor(to + 1e-9));
    if (end <= first) return {};
    auto shown = stretch_of(profile, first, end);
    if (end - first > kLeastCells)
      for (const auto& part :
           {stretch_of(profile, first + 1, end), stretch_of(profile, first, end - 1)})
        if (part.spread() < shown.spread()) shown = part;
    bars.levels[static_cast<std::size_t>(bar)] = shown.mean;
    bars.spread = std::max(bars.spread, shown.spread());
  }
  const double contrast = bars.levels[0] - bars.levels[static_cast<std::size_t>(count - 1)];
  if (bars.spread > std::min(kRowTolerance, kFlatShare * contrast)) return {};
  return bars;
}

// Bars are nominal luma times a gain plus an offset: 75 % and 100 % bars differ in the gain.
bool falls_as(std::span<const double> bars, std::span<const double> steps) {
  const double gain = (bars.front() - bars.back()) / (steps.front() - steps[bars.size() - 1]);
  if (bars.front() - bars.back() < kLeastContrast) return false;
  const double offset = bars.front() - gain * steps.front();
  for (std::size_t i = 0; i < bars.size(); ++i)
    if (std::abs(offset + gain * steps[i] - bars[i]) > kTolerance) return false;
  return true;
}

// In 100/0/75/0 bars the white one is brighter than the others' scale.
bool is_staircase(std::span<const double> bars) {
  for (const auto& steps : {kBt601, kBt709})
    if (falls_as(bars, steps) || falls_as(bars.subspan(1), std::span(steps).subspan(1)))
      return true;
  return false;
}

}  // namespace

OptionTable<ColorBarsOptions> color_bars_options() {
  return OptionTable<ColorBarsOptions>().add("min_duration", &ColorBarsOptions::min_duration,
                                             "shortest stretch of time reported", Range{0, 3600});
}

bool shows_color_bars(const FrameFeatures& features) {
  const auto profile = profile_of(features);
  if (!profile) return false;
  struct Layout {
    double left, right;
    int count;
  };
  // Of RP 219 the bars fill the middle 3/4; a 4:3 pattern in a 16:9 frame likewise.
  for (const auto& layout :
       {Layout{0, kWide, 7}, Layout{0, kWide, 8}, Layout{kWide / 8.0, kWide * 7 / 8.0, 7},
        Layout{kWide / 8.0, kWide * 7 / 8.0, 8}}) {
    const auto bars = bars_between(*profile, layout.left, layout.right, layout.count);
    if (bars && is_staircase(std::span(bars->levels).first(static_cast<std::size_t>(layout.count))))
      return true;
  }
  return false;
}

Result<Findings> ColorBarsDetector::detect(const Timeline& timeline) const {
  LongIntervals found(options_.min_duration);
  bool was_shown = false;
  double since_s = 0;
  auto reader = timeline.read();
  while (const TimelineFrame* frame = reader.next()) {
    const bool is_shown = shows_color_bars(frame->features);
    if (is_shown && !was_shown) since_s = reader.start_s();
    if (!is_shown && was_shown) found.add(since_s, reader.start_s());
    was_shown = is_shown;
  }
  REELMILL_TRY(reader.status());
  if (was_shown) found.add(since_s, timeline.end_s());
  Findings findings;
  findings.set_intervals("color_bars", found.list());
  return findings;
}

namespace {

const RegisterStage registered{define_stage<ColorBarsOptions>(
    {.name = "color_bars",
     .version = 2,
     .summary = "Colour bars: stretches of time that show SMPTE or EBU colour bars",
     .kind = StageKind::frames},
    color_bars_options(), [](const ColorBarsOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::all;
      parts.detector = std::make_shared<ColorBarsDetector>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
