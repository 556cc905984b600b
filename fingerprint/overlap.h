// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "fingerprint/alignment.h"

namespace reelmill {

/// A part of one video that is also in another.
struct Overlap {
  double a_start_s = 0, a_end_s = 0;
  double b_start_s = 0, b_end_s = 0;
  double speed = 1;       ///< seconds of b that one second of a lasts
  double similarity = 0;  ///< share of compared bits that agree, 0 to 1; unrelated: 0.5
  double evidence = 0;    ///< bits by which this is unlikely to be chance
  double agreement = 0;   ///< grows with length and similarity: to choose among lines
};

/// Compares two tracks along a line, slot by slot, and returns the longest stretch in which they
/// agree; nothing where that is too little to be more than chance. A picture that stands still
/// counts once, so one still that two videos share is no overlap.
std::optional<Overlap> compare_pictures(std::span<const SlotHash> a, std::span<const SlotHash> b,
                                        const Alignment& line);

/// The same for Chromaprint items; times from the first item.
std::optional<Overlap> compare_sound(std::span<const std::uint32_t> a,
                                     std::span<const std::uint32_t> b, const Alignment& line);

}  // namespace reelmill
