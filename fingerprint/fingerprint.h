// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "fingerprint/picture_hash.h"

namespace reelmill {

/// One hash and when it is seen: slot n lasts from n × kSlot_s to (n + 1) × kSlot_s, in seconds
/// from the first frame.
struct SlotHash {
  std::uint32_t slot = 0;
  PictureHash hash;
  friend bool operator==(const SlotHash&, const SlotHash&) = default;
};

/// What identifies a video by its looks and its sound: two hashes a second of the whole picture, of
/// the picture inside its bars where it has bars, and a Chromaprint of the sound. Slots whose
/// picture says nothing (black, flat) are left out.
struct Fingerprint {
  static constexpr double kSlot_s = 0.5;
  /// Distance of two Chromaprint items: a third of a 4096-sample window at 11025 Hz.
  static constexpr double kSoundItem_s = 4096 / 3 / 11025.0;

  double duration_s = 0;
  std::vector<SlotHash> whole, inside;  ///< by slot, ascending
  double sound_start_s = 0;             ///< of the first item, from the first frame
  std::vector<std::uint32_t> sound;     ///< items, kSoundItem_s apart

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

}  // namespace reelmill
