// SPDX-License-Identifier: Apache-2.0
#include "stages/api/stage.h"

#include <algorithm>
#include <numeric>

namespace reelmill {

DecoderNeeds DecoderNeeds::operator|(const DecoderNeeds& other) const {
  DecoderNeeds both;
  both.frames = std::max(frames, other.frames);
  both.audio = audio || other.audio;
  both.chroma = chroma || other.chroma;
  const auto wants_changes = [](const DecoderNeeds& needs) {
    return needs.frames == Frames::around_changes;
  };
  if ((wants_changes(*this) && other.frames != Frames::none && !wants_changes(other)) ||
      (wants_changes(other) && frames != Frames::none && !wants_changes(*this)))
    both.frames = Frames::all;  // the others cannot do with frames that are held
  const auto wants_slots = [](const DecoderNeeds& needs) {
    return needs.frames == Frames::every_interval;
  };
  if (wants_slots(*this) && wants_slots(other)) {
    // Slots of this length begin where either's do.
    both.interval = Duration{std::gcd(interval.count(), other.interval.count())};
  } else if (wants_slots(both)) {
    both.interval = wants_slots(*this) ? interval : other.interval;
  } else if (wants_slots(*this) || wants_slots(other)) {
    both.frames = Frames::all;  // no part of the frames holds both
  }
  return both;
}

}  // namespace reelmill
