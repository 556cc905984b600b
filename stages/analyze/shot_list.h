// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "stages/api/findings.h"
#include "stages/api/timeline.h"

namespace reelmill {

/// Where one shot ends and the next begins.
struct ShotBoundary {
  std::int64_t frame = 0;  ///< the first of the new shot
  Transition transition = Transition::cut;
  std::int64_t begin = frame, end = frame;  ///< frames [begin, end) show the transition
};

/// The shots of a video between boundaries in order; none where the timeline is empty.
std::vector<Shot> shots_between(const std::vector<ShotBoundary>& boundaries,
                                const Timeline& timeline);

}  // namespace reelmill
