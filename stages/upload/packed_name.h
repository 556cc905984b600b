// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "stages/api/call_stage.h"

namespace reelmill {

/// The name of an item inside a packed object, by the rules of WebDataset: everything up to the
/// first dot of the last part is the key of the sample (here the video), the rest says which of its
/// files it is.
///
///     results/day 1/a.mp4.json          ->  day%201/a%2emp4.json
///     artifacts/day 1/a.mp4/shots/2.jpg ->  day%201/a%2emp4.shots%2f2.jpg
///
/// Bytes outside A-Z a-z 0-9 _ and - (and `.` after the key) stand as %xx, so names are ASCII, have
/// no special parts, and percent-decoding gives back what was encoded. A part too long for file
/// systems ends in `~` and a digest instead; the index has it in full.
struct PackedName {
  std::string key;   ///< of the sample: the video
  std::string kind;  ///< which of its files: `json`
  std::string full() const { return key + "." + kind; }
};

PackedName packed_name(const CallItem& item);

}  // namespace reelmill
