// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/track_hasher.h"

#include <utility>

namespace reelmill {

void TrackHasher::add(std::uint32_t slot, std::span<const float> picture) {
  constexpr auto kBefore = Fingerprint::kMotionSlots;
  const auto frequencies = hasher_.frequencies(picture);
  SlotHash entry{slot, picture_hash(frequencies), {}};
  while (!seen_.empty() && slot - seen_.front().slot > kBefore) seen_.pop_front();
  if (!seen_.empty() && slot - seen_.front().slot == kBefore)
    entry.motion = motion_hash(frequencies, seen_.front().frequencies);
  seen_.push_back({slot, frequencies});
  if (!has_detail_ && entry.hash.strong_bits() > 0) {
    detail_ = hasher_.detail(picture);
    has_detail_ = true;
  }
  if (entry.hash.strong_bits() > 0 || entry.motion.strong_bits() > 0) hashes_.push_back(entry);
}

}  // namespace reelmill
