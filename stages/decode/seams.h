// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "stages/api/frame_source.h"

namespace reelmill {

/// Whether decoding from a key frame on is known to give what decoding from the start gives, in
/// this container and codec.
bool is_known_exact(const MediaInfo& media, const StreamInfo& stream);

/// Where a video may be cut so that scanning the pieces gives what scanning the whole gives: key
/// frames about `segment_length_s` apart. Found by looking at the packets, each scan checks its own
/// seams again. Empty where the format is not known to be exact (see docs/decisions/segments.md),
/// or the video is short.
std::vector<std::int64_t> find_seams(const PlannedVideo& video, double segment_length_s,
                                     std::shared_ptr<ReadControl> control);

/// Goes to a key frame at or before `pts` and returns its packet, the first to decode. Some
/// containers find places by decoding time or by bytes only and land behind it: then it looks
/// further back. Errors: not_found.
Result<Packet> seek_to_key_frame(Demuxer& demuxer, int stream, std::int64_t pts);

/// The segments between seams; sound, where wanted, is one more segment over the whole length.
std::vector<Segment> make_segments(const std::vector<std::int64_t>& seams, bool reads_video,
                                   bool reads_audio);

}  // namespace reelmill
