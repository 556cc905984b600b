// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "fingerprint/candidate_hits.h"

namespace reelmill {

/// Time in track b of what is seen at `t` in track a: speed × t + offset_s.
struct Alignment {
  double speed = 1;
  double offset_s = 0;
  int votes = 0;  ///< hits that agree; a strong one counts twice

  double in_b(double t) const noexcept { return speed * t + offset_s; }
  double in_a(double t) const noexcept { return (t - offset_s) / speed; }
};

/// How hits vote.
struct AlignmentRules {
  double unit_s = 0;          ///< length of a slot or item
  double tolerance_s = 0.75;  ///< how far a hit may lie from the line
  double most_speed = 1.06;   ///< and its inverse
  int least_votes = 2;
  int most_lines = 4;  ///< several where parts were moved about
};

/// The lines on which many hits of one pair of tracks lie, most votes first: an offset histogram
/// for each of a few speeds, refined by least squares. `hits` are all of one pair.
std::vector<Alignment> align(std::span<const Hit> hits, const AlignmentRules& rules);

}  // namespace reelmill
