// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "media/frame.h"
#include "stages/api/frame_slots.h"
#include "stages/decode/frame_clock.h"

namespace reelmill {

/// Lets one frame a slot through (FrameSlots says which), in order. Holds at most one frame. Owns
/// nothing else. Not thread-safe.
class SlotFrames {
 public:
  using Sink = std::function<void(Frame&, const FrameClock::Times&)>;

  SlotFrames(FrameSlots slots, Rational time_base, Sink sink)
      : slots_(slots), unit_s_(time_base.value()), sink_(std::move(sink)) {}

  void take(Frame& frame, const FrameClock::Times& times);
  /// No more frames of the slot at hand will come.
  void finish();

  /// Slot of a pts; empty before the first frame was seen, and for times before it.
  std::optional<std::int64_t> slot_of(std::int64_t pts) const;
  /// The first pts that may lie in the slot; only once the first frame was seen.
  std::int64_t start_pts(std::int64_t slot) const;
  bool has_origin() const noexcept { return origin_.has_value(); }
  /// The first slot that has no frame yet for certain.
  std::int64_t wanted_slot() const noexcept { return is_settled_ ? slot_ + 1 : slot_; }
  /// Whether the first frame of the wanted slot is here: all it needs, should no key frame come.
  bool holds_wanted() const noexcept { return !is_settled_; }

 private:
  const FrameSlots slots_;
  const double unit_s_;
  const Sink sink_;
  std::optional<std::int64_t> origin_;  // pts of the first frame
  std::int64_t slot_ = -1;
  bool is_settled_ = true;  // slot_ has its frame
  Frame held_;              // the first one of slot_, until it is settled
  FrameClock::Times held_times_;
};

}  // namespace reelmill
