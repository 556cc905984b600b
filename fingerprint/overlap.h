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
  double speed = 1;           ///< seconds of b that one second of a lasts
  double similarity = 0;      ///< share of compared bits that agree, 0 to 1; unrelated: 0.5
  double evidence = 0;        ///< bits by which this is unlikely to be chance
  double covered = 1;         ///< share of the slots of the track that has fewer of them
  bool is_by_motion = false;  ///< what the pictures show would not be enough
  double agreement = 0;       ///< grows with length and similarity: to choose among lines

  double length_s() const noexcept { return a_end_s - a_start_s; }
};

/// The evidence, in bits, that an overlap needs among so many pictures: an overlap begins with a
/// pair of them, and chance must bring none about. 36 to 46: few are treated as 8000, and beyond
/// some 10^7 more is not asked for.
double evidence_needed(std::size_t pictures) noexcept;

/// Compares two tracks along a line, slot by slot, and returns the longest stretch in which they
/// agree; nothing where there are less than `evidence_bits` for that. A picture that stands still
/// counts once, so one still that two videos share is no overlap.
std::optional<Overlap> compare_pictures(std::span<const SlotHash> a, std::span<const SlotHash> b,
                                        const Alignment& line, double evidence_bits);

/// The same for Chromaprint items; times from the first item.
std::optional<Overlap> compare_sound(std::span<const std::uint32_t> a,
                                     std::span<const std::uint32_t> b, const Alignment& line);

}  // namespace reelmill
