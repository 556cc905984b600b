// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "fingerprint/fingerprint.h"

namespace reelmill {

/// Hashes the pictures of a video's slots, which come in order: what each shows, and what has moved
/// since the picture Fingerprint::kMotionSlots before. Not thread-safe.
class TrackHasher {
 public:
  explicit TrackHasher(PictureHasher hasher) : hasher_(std::move(hasher)) {}

  /// `picture`: 32 × 18 levels (0 to 255). Slots ascend; gaps are allowed.
  void add(std::uint32_t slot, std::span<const float> picture);
  /// The slots in which something is seen or moves.
  std::vector<SlotHash> take() { return std::move(hashes_); }
  /// Of the first picture that shows something.
  const PictureDetail& detail() const noexcept { return detail_; }

 private:
  struct Seen {
    std::uint32_t slot;
    PictureFrequencies frequencies;
  };
  PictureHasher hasher_;
  std::deque<Seen> seen_;  ///< the last kMotionSlots of them
  std::vector<SlotHash> hashes_;
  PictureDetail detail_;
  bool has_detail_ = false;
};

}  // namespace reelmill
