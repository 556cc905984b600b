// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/slot_pictures.h"

#include <algorithm>

namespace reelmill {
namespace {

// A frame that claims to be shown for longer counts for so long: timestamps may be nonsense.
constexpr double kLongestFrame_s = 10;
// About 34 years.
constexpr double kMostSlots = 2e9;
// What a slot must have been seen of at the least.
constexpr double kLeastSeen_s = 1e-3;

}  // namespace

void SlotPictures::add_to(std::uint32_t slot, double seconds,
                          std::span<const std::uint16_t> picture) {
  if (slot != slot_) finish();
  slot_ = slot;
  seconds_ += seconds;
  const auto weight = static_cast<float>(seconds / 256);
  for (std::size_t i = 0; i < sums_.size(); ++i)
    sums_[i] += weight * static_cast<float>(picture[i]);
}

void SlotPictures::add(double start_s, double end_s, std::span<const std::uint16_t> picture) {
  constexpr double kSlot_s = Fingerprint::kSlot_s;
  if (!(start_s >= 0) || !(start_s / kSlot_s < kMostSlots)) return;
  const double until_s =
      end_s > start_s ? std::min(end_s, start_s + kLongestFrame_s) : start_s + kLeastSeen_s;
  for (double from_s = start_s; from_s < until_s;) {
    const auto slot = static_cast<std::uint32_t>(from_s / kSlot_s);
    const double to_s = std::min(until_s, (slot + 1.0) * kSlot_s);
    if (to_s <= from_s) break;
    if (slot < slot_) return;
    add_to(slot, to_s - from_s, picture);
    from_s = to_s;
  }
}

void SlotPictures::finish() {
  if (seconds_ >= kLeastSeen_s / 2) {
    for (float& sum : sums_) sum /= static_cast<float>(seconds_);
    sink_(slot_, sums_);
  }
  sums_.fill(0);
  seconds_ = 0;
}

}  // namespace reelmill
