// SPDX-License-Identifier: Apache-2.0
#include "stages/api/stage.h"

#include <algorithm>

namespace reelmill {

DecoderNeeds DecoderNeeds::operator|(const DecoderNeeds& other) const {
  DecoderNeeds both;
  both.frames = std::max(frames, other.frames);
  both.audio = audio || other.audio;
  both.chroma = chroma || other.chroma;
  if (both.frames == Frames::every_interval) {
    if (frames != Frames::every_interval) {
      both.interval = other.interval;
    } else if (other.frames != Frames::every_interval) {
      both.interval = interval;
    } else {
      both.interval = std::min(interval, other.interval);
    }
  }
  return both;
}

}  // namespace reelmill
