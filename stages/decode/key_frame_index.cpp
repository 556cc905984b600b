// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/key_frame_index.h"

#include <algorithm>
#include <cmath>

namespace reelmill {
namespace {

/// Decoding times lie before presentation times by at most the frames that H.264 and HEVC may hold
/// back; at least a second, for what edit lists shift.
constexpr double kMostFramesHeldBack = 16, kLeastMargin_s = 1;

}  // namespace

KeyFrameIndex::KeyFrameIndex(std::vector<std::int64_t> times, const StreamInfo& stream)
    : times_(std::move(times)) {
  std::sort(times_.begin(), times_.end());
  const double rate = stream.frame_rate.value() > 0 ? stream.frame_rate.value() : 25;
  const double margin_s = std::max(kLeastMargin_s, kMostFramesHeldBack / rate);
  const double unit = stream.time_base.value();
  margin_ = unit > 0 ? std::llround(margin_s / unit) : 0;
}

std::optional<std::int64_t> KeyFrameIndex::place_for(std::int64_t pts, std::int64_t until) const {
  const auto first = std::lower_bound(times_.begin(), times_.end(), pts - margin_);
  if (first != times_.end() && *first < until - margin_) return *first;
  if (first == times_.begin()) return {};
  return *std::prev(first);
}

std::int64_t KeyFrameIndex::seek_time(std::int64_t place) const {
  const auto next = std::upper_bound(times_.begin(), times_.end(), place);
  return place + (next == times_.end() ? margin_ : std::min(margin_, (*next - place) / 2));
}

}  // namespace reelmill
