// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/shots.h"

#include <algorithm>

#include "stages/analyze/fades.h"
#include "stages/analyze/gradual.h"
#include "stages/analyze/hard_cuts.h"
#include "stages/analyze/scene_score.h"
#include "stages/analyze/shot_list.h"
#include "stages/api/registry.h"

namespace reelmill {
namespace {

// The jump to or from a blank stretch that is no shot of its own is no cut.
bool is_edge_of_blank(const HardCut& cut, const std::vector<Blank>& blanks, std::int64_t frames) {
  constexpr std::int64_t kNear = 2;
  return std::any_of(blanks.begin(), blanks.end(), [&](const Blank& blank) {
    const bool is_part_of_shot = blank.is_fade || blank.begin == 0 || blank.end == frames;
    return is_part_of_shot && cut.frame >= blank.begin - kNear && cut.frame <= blank.end + kNear;
  });
}

bool is_part_of_fade(const GradualChange& change, const std::vector<Blank>& blanks) {
  return std::any_of(blanks.begin(), blanks.end(), [&](const Blank& blank) {
    return change.begin < blank.fade_end && change.end > blank.fade_begin;
  });
}

// The fades, of which two that meet in one black or white stretch (it flickers) are one.
std::vector<ShotBoundary> fades_of(const std::vector<Blank>& blanks) {
  constexpr std::int64_t kFlicker = 12;  // frames
  std::vector<ShotBoundary> fades;
  const Blank* last = nullptr;
  for (const auto& blank : blanks) {
    if (!blank.is_fade) continue;
    if (last != nullptr && blank.is_white == last->is_white && blank.begin - last->end <= kFlicker)
      fades.back().end = std::max(fades.back().end, blank.fade_end);
    else
      fades.push_back({blank.begin + (blank.end - blank.begin) / 2, Transition::fade,
                       blank.fade_begin, blank.fade_end});
    last = &blank;
  }
  return fades;
}

ShotBoundary boundary_of(const GradualChange& change) {
  const bool is_wipe = change.kind == GradualChange::Kind::wipe;
  return {change.begin + (change.end - change.begin) / 2,
          is_wipe ? Transition::wipe : Transition::dissolve, change.begin, change.end};
}

}  // namespace

OptionTable<ShotsOptions> shots_options() {
  return OptionTable<ShotsOptions>()
      .add_choice(
          "method", &ShotsOptions::method,
          "adaptive: by the options below; ffmpeg-scene: FFmpeg's select=gt(scene,threshold)",
          {{"adaptive", ShotMethod::adaptive}, {"ffmpeg-scene", ShotMethod::ffmpeg_scene}})
      .add_choice(
          "mode", &ShotsOptions::mode,
          "full: looks at every frame; fast: decodes only where packets and key frames tell "
          "of a change (adaptive method only, without effect beside stages that need frames)",
          {{"full", ShotMode::full}, {"fast", ShotMode::fast}})
      .add("threshold", &ShotsOptions::threshold,
           "least scene score of a cut (0 to 1), for ffmpeg-scene", Range{0, 1})
      .add("ratio", &ShotsOptions::ratio,
           "a cut changes the picture this many times more than the frames nearby change it",
           Range{1.2, 100})
      .add("min_change", &ShotsOptions::min_change,
           "least change of a cut in luma levels (0 to 510, picture and histogram together)",
           Range{1, 510})
      .add("flash", &ShotsOptions::flash,
           "a change that is undone within this time is a flash, not a cut", Range{0, 2})
      .add("min_shot", &ShotsOptions::min_shot,
           "of boundaries closer together than this time only the clearest stays", Range{0, 60})
      .add("fades", &ShotsOptions::fades, "whether a fade through black or white begins a new shot")
      .add("dissolves", &ShotsOptions::dissolves,
           "whether a picture that is mixed or wiped into another begins a new shot");
}

Result<Findings> ShotsDetector::detect(const Timeline& timeline) const {
  REELMILL_ASSIGN(const auto cuts, find_hard_cuts(timeline, {options_.ratio, options_.min_change,
                                                             to_seconds(options_.flash),
                                                             to_seconds(options_.min_shot)}));
  REELMILL_ASSIGN(const auto blanks, find_blanks(timeline));
  std::vector<ShotBoundary> boundaries;
  if (options_.fades) boundaries = fades_of(blanks);
  std::vector<std::int64_t> cut_frames;
  for (const auto& cut : cuts) {
    if (options_.fades && is_edge_of_blank(cut, blanks, timeline.size())) continue;
    boundaries.push_back({cut.frame, Transition::cut});
    cut_frames.push_back(cut.frame);
  }
  if (options_.dissolves) {
    REELMILL_ASSIGN(const auto changes, find_gradual_changes(timeline, cut_frames));
    for (const auto& change : changes)
      if (!is_part_of_fade(change, blanks)) boundaries.push_back(boundary_of(change));
  }
  std::sort(boundaries.begin(), boundaries.end(),
            [](const auto& a, const auto& b) { return a.frame < b.frame; });
  Findings findings;
  findings.set_shots(shots_between(boundaries, timeline));
  return findings;
}

namespace {

const RegisterStage registered{define_stage<ShotsOptions>(
    {.name = "shots",
     .version = 5,
     .summary = "Shots: where one picture jumps, fades, dissolves or is wiped into another",
     .kind = StageKind::frames},
    shots_options(), [](const ShotsOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::all;
      if (options.method == ShotMethod::ffmpeg_scene) {
        parts.merges = false;
        parts.make_frame_observer = [] { return std::make_unique<SceneScores>(); };
        parts.restore_frame_observer = [](std::string_view saved) {
          return SceneScores::restore(saved);
        };
        parts.video_stage = std::make_shared<SceneShots>(options.threshold);
        return parts;
      }
      if (options.mode == ShotMode::fast) parts.needs.frames = DecoderNeeds::Frames::around_changes;
      parts.needs.chroma = true;
      parts.detector = std::make_shared<ShotsDetector>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
