// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "media/stream_info.h"
#include "stages/api/findings.h"
#include "stages/api/video.h"

namespace reelmill {

inline constexpr int kResultsSchema = 1;

/// Everything the results file of one video says.
struct VideoResults {
  const VideoFile& file;
  const MediaInfo& media;
  const Findings& findings;
  std::string status;                 ///< done, partial, audio-only, image-only
  std::int64_t frames_decoded = 0;    ///< 0 where the plan needed none, or there is no picture
  std::int64_t frames_corrupt = 0;    ///< of these, shown though damaged
  std::optional<double> duration_s;   ///< see duration_of
  std::optional<std::string> sha256;  ///< of the video file, where the plan read every byte
  std::int64_t frames_held = 0;       ///< not decoded: taken to show what the frame before showed
};

/// How long a video is, in seconds: measured (the end of its last frame or sample, from its first)
/// where all frames, or without video all sound, were decoded; otherwise as the container claims;
/// nothing where neither is a finite positive number.
std::optional<double> duration_of(std::optional<double> measured_s, const MediaInfo& media);

/// The results file: keys in the order of the schema, findings that it does not know by name after
/// them in the order of the alphabet, warnings last. Numbers that are not finite become null. A
/// finding whose name the schema uses otherwise is left out, with a warning.
Json to_json(const VideoResults& results);

/// The same as the bytes of the file.
std::string results_text(const VideoResults& results);

}  // namespace reelmill
