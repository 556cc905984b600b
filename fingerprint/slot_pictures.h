// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>

#include "fingerprint/fingerprint.h"

namespace reelmill {

/// Turns frames into one picture a slot: the mean of what is shown during the slot, each frame by
/// the share of time for which it is shown, so that frame rates and timing do not matter. Hands
/// each slot out once, in order. Not thread-safe.
class SlotPictures {
 public:
  using Picture = std::array<float, PictureHasher::kWidth * PictureHasher::kHeight>;
  /// `picture`: levels 0 to 255.
  using Sink = std::function<void(std::uint32_t slot, const Picture& picture)>;

  explicit SlotPictures(Sink sink) : sink_(std::move(sink)) {}

  /// A frame shown from `start_s` to `end_s`; starts never decrease. `picture`: 1/256 levels.
  void add(double start_s, double end_s, std::span<const std::uint16_t> picture);
  /// Hands out the last slot.
  void finish();

 private:
  void add_to(std::uint32_t slot, double seconds, std::span<const std::uint16_t> picture);

  Sink sink_;
  Picture sums_{};
  double seconds_ = 0;  ///< of the open slot, shown so far
  std::uint32_t slot_ = 0;
};

}  // namespace reelmill
