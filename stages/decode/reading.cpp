// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/reading.h"

#include <algorithm>

#include <fmt/format.h>

#include "stages/decode/seams.h"

namespace reelmill {
namespace {

/// Between two wanted frames this many bytes must lie for a jump to pay: a disk that seeks in 10 ms
/// and reads 150 MB/s is even at 1.5 MB; in memory, reading past packets costs about as much as a
/// seek at a tenth of that.
constexpr double kBytesWorthAJump = 1.5e6;

/// Where key frames lie close together, looking at them costs as much as is saved. A container
/// without an index does not tell: then the scan finds out as it goes on.
constexpr double kLeastFramesAGroup = 8;

ReadingChoice reading_around_changes(const ScanPlan& plan, const Demuxer& opened) {
  const auto& stream = plan.media.streams[static_cast<std::size_t>(*plan.video_stream)];
  if (!is_known_exact(plan.media, stream) || stream.time_base.value() <= 0)
    return {Reading::in_full, fmt::format("{} in {} may not be decoded from any key frame on",
                                          stream.codec, plan.media.container)};
  const auto keys = static_cast<double>(opened.indexed_key_frames(*plan.video_stream).size());
  const double frames = plan.duration_s * stream.frame_rate.value();
  if (keys >= 2 && frames > 0 && frames < kLeastFramesAGroup * keys)
    return {Reading::in_full, "key frames lie so close together that nothing is saved"};
  return {Reading::around_changes, {}};
}

Reading reading_at_intervals(const ScanPlan& plan, const Demuxer& opened,
                             const DecoderNeeds& needs) {
  const auto& stream = plan.media.streams[static_cast<std::size_t>(*plan.video_stream)];
  if (!is_known_exact(plan.media, stream) || stream.time_base.value() <= 0) return Reading::in_full;
  // What is known to be damaged is read in full anyway, in the end.
  if (!opened.info().messages.empty() || opened.is_cut_short()) return Reading::in_full;
  const bool reads_audio = needs.audio && plan.audio_stream.has_value();
  if (reads_audio || plan.duration_s <= 0) return Reading::skipping;
  const auto keys = opened.indexed_key_frames(*plan.video_stream).size();
  if (keys < 2) return Reading::skipping;
  // Jumps go from key frame to key frame: what lies between two of them, or two slots.
  const double slots = std::max(1.0, plan.duration_s / to_seconds(needs.interval));
  const double jumps = std::min(slots, static_cast<double>(keys));
  return static_cast<double>(plan.identity.bytes) / jumps >= kBytesWorthAJump ? Reading::seeking
                                                                              : Reading::skipping;
}

}  // namespace

ReadingChoice choose_reading(const ScanPlan& plan, const Demuxer& opened,
                             const PlanRequest& request) {
  using Frames = DecoderNeeds::Frames;
  if (request.is_repeat || !plan.video_stream || plan.media.is_still_image) return {};
  if (request.needs.frames == Frames::around_changes) return reading_around_changes(plan, opened);
  if (request.needs.frames != Frames::every_interval) return {};
  return {reading_at_intervals(plan, opened, request.needs), {}};
}

}  // namespace reelmill
