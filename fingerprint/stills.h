// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "fingerprint/overlap.h"

namespace reelmill {

/// A track that is looked at as a whole.
struct StillTrack {
  std::span<const SlotHash> slots;
  const PictureDetail& detail;
  double duration_s = 0;
};

/// Whether a track shows one picture from end to end: in nine of ten slots of its duration.
bool is_still(std::span<const SlotHash> slots, double duration_s);

/// Whether nearly all that a track shows is one scene, as before a fixed camera.
bool is_one_scene(std::span<const SlotHash> slots);

/// Compares two videos that each show one picture throughout. A picture that two videos share is no
/// overlap; but where they show nothing else, last equally long, and agree in the picture's detail
/// too, they are the same video.
std::optional<Overlap> compare_stills(const StillTrack& a, const StillTrack& b);

}  // namespace reelmill
