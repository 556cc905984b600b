// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "stages/api/timeline.h"

namespace reelmill {

/// A longest run of frames [begin, end) that are all black or all white.
struct Blank {
  std::int64_t begin = 0, end = 0;
  bool is_white = false;
  bool is_fade = false;  ///< a picture dims into it, or rises out of it, little by little
  std::int64_t fade_begin = begin, fade_end = end;  ///< frames between the two full pictures
};

/// Finds the black and white stretches of a video and tells fades from jumps to black: on one side
/// at least, the mean level must move in small steps from a picture. A title that fades in and out
/// on a black card is no picture. Stretches at the very start and end are never fades. Errors:
/// unavailable (the spill file).
Result<std::vector<Blank>> find_blanks(const Timeline& timeline);

}  // namespace reelmill
