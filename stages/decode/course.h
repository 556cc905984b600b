// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "media/frame_features.h"
#include "stages/decode/change_places.h"

namespace reelmill {

/// Frames of which none is left out, on either side of a sudden change and before the last one.
constexpr std::size_t kClose = 8, kCloseToEnd = 8;
/// Frames decoded beyond a sudden change, for the detector to tell it from a flash (hard_cuts.cpp:
/// sixteen).
constexpr std::size_t kMargin = 16;

/// A group of frames, from one key frame up to the next, as far as it is known before it is
/// decoded.
struct GroupView {
  const PacketGroup& facts;
  std::span<const std::int64_t> display;  ///< pts of its frames, in output order
  const FrameFeatures& key;
  const FrameFeatures* next_key = nullptr;  ///< nothing at the end of the video
  bool begins_with_change = false;          ///< a transition may lie across its key frame
};

/// Of the first frame not before `pts`.
std::size_t place_of(std::int64_t pts, std::span<const std::int64_t> display);

/// How far a group is decoded, and how closely.
struct Course {
  std::optional<std::size_t> last;  ///< frame, in output order; nothing: the key frame alone
  std::vector<bool> is_close;       ///< of each frame: no frame is left out there
  bool ends_with_change = false, runs_on = false;

  /// Nothing but the key frame of so many.
  explicit Course(std::size_t frames) : is_close(frames, false) {}
  void reach(std::size_t place);
  void look_closely(std::size_t from, std::size_t to);  ///< frames [from, to]
};

/// Every frame.
Course whole_course(std::size_t frames);
/// Up to the last place where packets tell of a change.
Course plan_course(const GroupView& group);

}  // namespace reelmill
