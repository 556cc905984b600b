// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/fades.h"

#include <algorithm>
#include <cmath>

namespace reelmill {
namespace {

constexpr float kBlankShare = 0.98F;        // of the pixels make a frame blank
constexpr float kPictureShare = 0.8F;       // of black or white: above, a card with text
constexpr double kLongestRampS = 5;         // seconds a fade takes on one side
constexpr std::int64_t kLongestRamp = 300;  // frames
constexpr int kPlateau = 3;                 // frames that may repeat within a ramp
constexpr float kLeastRise = 12;            // levels
constexpr float kGreatestStep = 0.5F;       // of the whole rise; a jump, even blended, makes more
constexpr float kLeastStep = 0.2F;          // of the greatest so far; less is motion in the picture
constexpr int kLeastSteps = 3;

enum class Tone { picture, black, white };

Tone tone_of(const FrameFeatures& features) {
  if (features.black_share >= kBlankShare) return Tone::black;
  if (features.bright_share >= kBlankShare) return Tone::white;
  return Tone::picture;
}

struct Stretch {
  Tone tone;
  std::int64_t begin, end;
};

struct Level {
  float distance;     // of the mean from the tone, levels
  float blank_share;  // pixels of the tone
};

Level level_of(const FrameFeatures& features, Tone tone) {
  return tone == Tone::black ? Level{features.mean, features.black_share}
                             : Level{255 - features.mean, features.bright_share};
}

// `levels` leads from the blank frame nearest to the picture away from the stretch. How many frames
// it takes to the full picture; 0 where that comes otherwise than little by little.
std::int64_t ramp_length(const std::vector<Level>& levels) {
  float highest = levels.front().distance, greatest_step = 0;
  float share_at_top = levels.front().blank_share;
  int steps = 0, still = 0;
  std::size_t top = 0;
  for (std::size_t i = 1; i < levels.size(); ++i) {
    const float step = levels[i].distance - highest;
    if (step > std::max(0.25F, kLeastStep * greatest_step)) {
      ++steps;
      still = 0;
      greatest_step = std::max(greatest_step, step);
      highest = levels[i].distance;
      share_at_top = levels[i].blank_share;
      top = i;
    } else if (++still > kPlateau) {
      break;
    }
  }
  const float rise = highest - levels.front().distance;
  const bool is_ramp = steps >= kLeastSteps && rise >= kLeastRise &&
                       greatest_step <= kGreatestStep * rise && share_at_top < kPictureShare;
  return is_ramp ? static_cast<std::int64_t>(top) : 0;
}

Result<std::vector<Stretch>> find_stretches(const Timeline& timeline) {
  std::vector<Stretch> stretches;
  auto reader = timeline.read();
  Tone before = Tone::picture;
  while (const TimelineFrame* frame = reader.next()) {
    const Tone tone = tone_of(frame->features);
    const auto index = reader.index();
    if (tone != Tone::picture) {
      if (tone != before) stretches.push_back({tone, index, index});
      stretches.back().end = index + 1;
    }
    before = tone;
  }
  REELMILL_TRY(reader.status());
  return stretches;
}

Result<std::int64_t> rises_out_of(const Timeline& timeline, const Stretch& stretch) {
  auto reader = timeline.read(stretch.end - 1);
  std::vector<Level> levels;
  const double latest_s = timeline.start_s(stretch.end) + kLongestRampS;
  while (const TimelineFrame* frame = reader.next()) {
    if (reader.index() > stretch.end + kLongestRamp || reader.start_s() > latest_s) break;
    levels.push_back(level_of(frame->features, stretch.tone));
  }
  REELMILL_TRY(reader.status());
  return levels.empty() ? 0 : ramp_length(levels);
}

Result<std::int64_t> dims_into(const Timeline& timeline, const Stretch& stretch) {
  auto reader = timeline.read(std::max<std::int64_t>(0, stretch.begin - kLongestRamp));
  std::vector<Level> levels;
  const double earliest_s = timeline.start_s(stretch.begin) - kLongestRampS;
  while (const TimelineFrame* frame = reader.next()) {
    if (reader.index() > stretch.begin) break;
    if (reader.start_s() >= earliest_s) levels.push_back(level_of(frame->features, stretch.tone));
  }
  REELMILL_TRY(reader.status());
  std::reverse(levels.begin(), levels.end());
  return levels.empty() ? 0 : ramp_length(levels);
}

}  // namespace

Result<std::vector<Blank>> find_blanks(const Timeline& timeline) {
  REELMILL_ASSIGN(const auto stretches, find_stretches(timeline));
  std::vector<Blank> blanks;
  for (const auto& stretch : stretches) {
    Blank blank{stretch.begin, stretch.end, stretch.tone == Tone::white};
    if (stretch.begin > 0 && stretch.end < timeline.size()) {
      REELMILL_ASSIGN(const auto dimming, dims_into(timeline, stretch));
      REELMILL_ASSIGN(const auto rising, rises_out_of(timeline, stretch));
      blank.is_fade = dimming > 0 || rising > 0;
      // The frames between the blank one and the full picture.
      if (dimming > 0) blank.fade_begin -= dimming - 1;
      if (rising > 0) blank.fade_end += rising - 1;
    }
    blanks.push_back(blank);
  }
  return blanks;
}

}  // namespace reelmill
