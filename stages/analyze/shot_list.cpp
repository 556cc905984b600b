// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/shot_list.h"

#include <algorithm>

namespace reelmill {

std::vector<Shot> shots_between(const std::vector<ShotBoundary>& boundaries,
                                const Timeline& timeline) {
  std::vector<Shot> shots;
  if (timeline.empty()) return shots;
  Shot shot;
  for (const auto& [frame, transition, begin, end] : boundaries) {
    shot.end_frame = frame;
    shot.end_s = timeline.start_s(frame);
    shots.push_back(shot);
    shot = {frame, 0, shot.end_s, 0, transition, begin, end};
    shot.transition_start_s = timeline.start_s(begin);
    shot.transition_end_s = timeline.start_s(end);
  }
  shot.end_frame = timeline.size();
  shot.end_s = std::max(shot.start_s, timeline.end_s());
  shots.push_back(shot);
  return shots;
}

}  // namespace reelmill
