// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "fingerprint/picture_hash.h"

namespace reelmill {

/// What a slot shows, and what has moved since a second before. Slot n lasts from n × kSlot_s to
/// (n + 1) × kSlot_s, in seconds from the first frame.
struct SlotHash {
  std::uint32_t slot = 0;
  PictureHash hash;
  PictureHash motion = {};  ///< all weak where nothing moves, or the picture before is not known
  friend bool operator==(const SlotHash&, const SlotHash&) = default;
};

/// What identifies a video by its looks and its sound: two hashes a second of the whole picture, of
/// the picture inside its bars where it has bars, and a Chromaprint of the sound. Slots in which
/// nothing is seen (black, flat) and nothing moves are left out.
struct Fingerprint {
  static constexpr double kSlot_s = 0.5;
  /// Slots between the two pictures that motion is told from.
  static constexpr std::uint32_t kMotionSlots = 2;
  /// Distance of two Chromaprint items: a third of a 4096-sample window at 11025 Hz.
  static constexpr double kSoundItem_s = 4096 / 3 / 11025.0;

  double duration_s = 0;
  std::vector<SlotHash> whole, inside;        ///< by slot, ascending
  PictureDetail whole_detail, inside_detail;  ///< of the first picture that shows something
  double sound_start_s = 0;                   ///< of the first item, from the first frame
  std::vector<std::uint32_t> sound;           ///< items, kSoundItem_s apart

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

}  // namespace reelmill
