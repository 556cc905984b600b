// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "stages/api/frame_source.h"

namespace reelmill {

/// Seconds. What a container claims beyond that counts as this long: it may claim anything.
inline constexpr double kLongestClaim_s = 48 * 3600;

/// Seconds of one core that reading, decoding and analysing a video will take, as far as its
/// headers tell: a share for each decoded pixel, by codec, and one for each compressed byte, whose
/// entropy is decoded bit by bit. Constants were fitted to FFmpeg 5.1 on one core of an x86-64
/// server with AVX2; on other machines all are off by about the same factor, which the report of a
/// run tells. 0 where the headers do not say how long a video is.
double predicted_work_s(const ScanPlan& plan);

/// The same where stages run again over a stored timeline of so many frames, and over so many
/// seconds of sound, which is decoded again.
double predicted_rerun_s(std::int64_t frames, double sound_s);

/// The work of one video, and on how many cores at once it can be done.
struct VideoWork {
  double work_s = 0;
  int pieces = 1;
};

/// Seconds that all of it takes on so many cores: their share of the sum, and no less than what the
/// longest video takes on as many of them as it has pieces.
double predicted_wall_s(const std::vector<VideoWork>& videos, int cores);

}  // namespace reelmill
