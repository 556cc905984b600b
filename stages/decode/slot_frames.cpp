// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/slot_frames.h"

#include <cmath>
#include <utility>

namespace reelmill {

void SlotFrames::take(Frame& frame, const FrameClock::Times& times) {
  if (!origin_) origin_ = times.pts;
  const auto slot = slot_of(times.pts);
  if (!slot || *slot < slot_ || (*slot == slot_ && is_settled_)) return;
  if (*slot > slot_) {
    finish();
    slot_ = *slot;
    is_settled_ = false;
    if (!frame.is_key()) {
      held_ = frame.share();
      held_times_ = times;
    }
  }
  if (!frame.is_key()) return;
  is_settled_ = true;
  held_ = Frame();
  sink_(frame, times);
}

void SlotFrames::finish() {
  if (!std::exchange(is_settled_, true) && !held_.empty()) sink_(held_, held_times_);
  held_ = Frame();
}

std::optional<std::int64_t> SlotFrames::slot_of(std::int64_t pts) const {
  if (!origin_) return {};
  // As observers compute it: two products, then their difference.
  return slots_.slot_of(static_cast<double>(pts) * unit_s_ -
                        static_cast<double>(*origin_) * unit_s_);
}

std::int64_t SlotFrames::start_pts(std::int64_t slot) const {
  return *origin_ + std::llround(slots_.start_s(slot) / unit_s_);
}

}  // namespace reelmill
