// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/shots.h"

#include <algorithm>

#include "stages/analyze/fades.h"
#include "stages/analyze/hard_cuts.h"
#include "stages/analyze/intervals.h"
#include "stages/api/registry.h"

namespace reelmill {
namespace {

struct Boundary {
  std::int64_t frame;
  Transition transition;
};

// The jump to or from a blank stretch that is no shot of its own is no cut.
bool is_edge_of_blank(const HardCut& cut, const std::vector<Blank>& blanks, std::int64_t frames) {
  constexpr std::int64_t kNear = 2;
  return std::any_of(blanks.begin(), blanks.end(), [&](const Blank& blank) {
    const bool is_part_of_shot = blank.is_fade || blank.begin == 0 || blank.end == frames;
    return is_part_of_shot && cut.frame >= blank.begin - kNear && cut.frame <= blank.end + kNear;
  });
}

std::vector<Shot> shots_between(const std::vector<Boundary>& boundaries, const Timeline& timeline) {
  std::vector<Shot> shots;
  if (timeline.empty()) return shots;
  Shot shot{0, 0, 0, 0, Transition::start};
  for (const auto& [frame, transition] : boundaries) {
    shot.end_frame = frame;
    shot.end_s = timeline.start_s(frame);
    shots.push_back(shot);
    shot = {frame, 0, shot.end_s, 0, transition};
  }
  shot.end_frame = timeline.size();
  shot.end_s = std::max(shot.start_s, timeline.end_s());
  shots.push_back(shot);
  return shots;
}

}  // namespace

OptionTable<ShotsOptions> shots_options() {
  return OptionTable<ShotsOptions>()
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
      .add("fades", &ShotsOptions::fades,
           "whether a fade through black or white begins a new shot");
}

Result<Findings> ShotsDetector::detect(const Timeline& timeline) const {
  REELMILL_ASSIGN(const auto cuts, find_hard_cuts(timeline, {options_.ratio, options_.min_change,
                                                             to_seconds(options_.flash),
                                                             to_seconds(options_.min_shot)}));
  REELMILL_ASSIGN(const auto blanks, find_blanks(timeline));
  std::vector<Boundary> boundaries;
  if (options_.fades)
    for (const auto& blank : blanks)
      if (blank.is_fade)
        boundaries.push_back({blank.begin + (blank.end - blank.begin) / 2, Transition::fade});
  for (const auto& cut : cuts)
    if (!options_.fades || !is_edge_of_blank(cut, blanks, timeline.size()))
      boundaries.push_back({cut.frame, Transition::cut});
  std::sort(boundaries.begin(), boundaries.end(),
            [](const auto& a, const auto& b) { return a.frame < b.frame; });
  Findings findings;
  findings.set_shots(shots_between(boundaries, timeline));
  return findings;
}

namespace {

const RegisterStage registered{define_stage<ShotsOptions>(
    {.name = "shots",
     .version = 1,
     .summary = "Shots: where one picture jumps or fades through black or white to another",
     .kind = StageKind::frames},
    shots_options(), [](const ShotsOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::all;
      parts.detector = std::make_shared<ShotsDetector>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
