// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stages/api/timeline.h"

namespace reelmill {

/// What is taken to be shown by a frame that was not decoded.
enum class Held {
  as_before,   ///< what the frame before it shows
  on_the_way,  ///< something between the decoded frames before and after it
};

/// Puts decoded frames and those held between them into a timeline, in order. Frames on the way
/// have mixed features (mixed_features.h), except where so few of them lie between different
/// pictures that a cut must be among them: then they show what was before. Not thread-safe.
class HeldFrames {
 public:
  /// The next frame, not decoded.
  void hold(std::int64_t pts, Held held) { waiting_.push_back({pts, held}); }
  /// The next frame, decoded; appended after those that wait for it. Errors: those of
  /// Timeline::append.
  Status append(Timeline& timeline, const TimelineFrame& frame);
  /// The end of the scan: frames that still wait show what was before. Errors as above.
  Status finish(Timeline& timeline);

 private:
  struct Waiting {
    std::int64_t pts = 0;
    Held held = Held::as_before;
  };
  Status append_waiting(Timeline& timeline, const TimelineFrame* next);
  std::vector<Waiting> waiting_;
  std::optional<TimelineFrame> last_;  // that was decoded
};

}  // namespace reelmill
