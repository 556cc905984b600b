// SPDX-License-Identifier: Apache-2.0
#include "stages/api/held_frames.h"

#include "media/mixed_features.h"
#include "media/picture_change.h"

namespace reelmill {
namespace {

/// A cut among so few frames (a pyramid of B-frames) is told by how much more changes than when
/// they lie on the way.
constexpr std::size_t kFewFrames = 8;
constexpr float kTolerance = 4, kMostCorrelation = 0.4F, kLeastChanged = 0.4F;

bool has_cut(const FrameFeatures& a, const FrameFeatures& b) {
  const auto likeness = picture_likeness(a, b, kTolerance);
  return likeness.correlation <= kMostCorrelation && likeness.changed_share >= kLeastChanged;
}

}  // namespace

Status HeldFrames::append_waiting(Timeline& timeline, const TimelineFrame* next) {
  const auto count = waiting_.size();
  const bool is_jump = next == nullptr || !last_ || count == 0 ||
                       waiting_.back().held == Held::as_before ||
                       (count <= kFewFrames && has_cut(last_->features, next->features));
  TimelineFrame entry;
  if (last_) entry.features = last_->features;
  for (std::size_t i = 0; i < count; ++i) {
    entry.pts = waiting_[i].pts;
    if (!is_jump && waiting_[i].held == Held::on_the_way)
      entry.features = mixed_features(last_->features, next->features,
                                      static_cast<float>(i + 1) / static_cast<float>(count + 1));
    REELMILL_TRY(timeline.append(entry));
  }
  waiting_.clear();
  return {};
}

Status HeldFrames::append(Timeline& timeline, const TimelineFrame& frame) {
  REELMILL_TRY(append_waiting(timeline, &frame));
  last_ = frame;
  return timeline.append(frame);
}

Status HeldFrames::finish(Timeline& timeline) {
  return append_waiting(timeline, nullptr);
}

}  // namespace reelmill
