// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "media/frame_features.h"

namespace reelmill {

/// What the container says of one packet.
struct PacketFact {
  std::int64_t pts = 0, bytes = 0;
};

/// The packets from one key frame up to the next, and what is known of the pictures of both.
struct PacketGroup {
  std::vector<PacketFact> packets;  ///< in file order; the first is the key frame
  std::int64_t next_key_bytes = 0;  ///< 0 at the end of the video
  /// A key frame that shows nothing costs nothing: then the other tells what a picture costs.
  bool is_beside_blank = false;
  /// VP8 and VP9 spend more on a frame every ten or so, from which those between are predicted.
  bool has_boosted_frames = false;

  /// What a new picture costs, in bytes: the lesser of the key frames.
  std::int64_t picture_bytes() const noexcept;
};

/// Frames from `begin` to `end` (pts) that cost more than others of their kind.
struct ChangePlace {
  std::int64_t begin = 0, end = 0;
  bool is_sudden = false;  ///< one frame; otherwise a stretch
};

/// What the key frames on either side let expect: with different pictures there is a change, unless
/// it is motion; with much the same there is none, unless it leads back.
enum class Expectation { change, none };

/// Where packet sizes tell of a change. An encoder codes only what it cannot predict, so the first
/// frame of a new picture that others refer to is far larger than those of its kind around it, and
/// the frames in which one picture is mixed into another cost more than the rest by a picture or
/// more. Quick motion does, too.
std::vector<ChangePlace> find_change_places(const PacketGroup& group, Expectation expectation);

/// Whether two frames show other content, not only the same moved a little or in another light.
bool is_other_picture(const FrameFeatures& a, const FrameFeatures& b) noexcept;

/// How much alike two frames are in what they show, -1 to 1 (PictureLikeness::correlation).
float content_correlation(const FrameFeatures& a, const FrameFeatures& b) noexcept;

/// Whether a fade may lie beside this frame: it is nearly all black or white, or even and dim or
/// light.
bool is_nearly_blank(const FrameFeatures& features) noexcept;

}  // namespace reelmill
