// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/reading.h"

#include <algorithm>

#include "stages/decode/seams.h"

namespace reelmill {
namespace {

/// Between two wanted frames this many bytes must lie for a jump to pay: a disk that seeks in 10 ms
/// and reads 150 MB/s is even at 1.5 MB; in memory, reading past packets costs about as much as a
/// seek at a tenth of that.
constexpr double kBytesWorthAJump = 1.5e6;

}  // namespace

Reading choose_reading(const ScanPlan& plan, const Demuxer& opened, const PlanRequest& request) {
  if (request.needs.frames != DecoderNeeds::Frames::every_interval || request.is_repeat ||
      !plan.video_stream || plan.media.is_still_image)
    return Reading::in_full;
  const auto& stream = plan.media.streams[static_cast<std::size_t>(*plan.video_stream)];
  if (!is_known_exact(plan.media, stream) || stream.time_base.value() <= 0) return Reading::in_full;
  const bool reads_audio = request.needs.audio && plan.audio_stream.has_value();
  if (reads_audio || plan.duration_s <= 0) return Reading::skipping;
  const auto keys = opened.indexed_key_frames(*plan.video_stream).size();
  if (keys < 2) return Reading::skipping;
  // Jumps go from key frame to key frame: what lies between two of them, or two slots.
  const double slots = std::max(1.0, plan.duration_s / to_seconds(request.needs.interval));
  const double jumps = std::min(slots, static_cast<double>(keys));
  return static_cast<double>(plan.identity.bytes) / jumps >= kBytesWorthAJump ? Reading::seeking
                                                                              : Reading::skipping;
}

}  // namespace reelmill
