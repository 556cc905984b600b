// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "media/stream_info.h"
#include "stages/api/findings.h"

namespace reelmill {

/// What scanning a whole video told, but for its frames and its sound: what the results file says
/// of the scan itself. A value.
struct ScanSummary {
  MediaInfo media;
  std::optional<int> video_stream, audio_stream;
  std::string status;  ///< done, partial, audio-only, image-only
  std::int64_t frames_decoded = 0, frames_corrupt = 0, frames_held = 0;
  std::vector<std::string> messages;  ///< of the decoder, the first of each segment
  std::int64_t unsaid_messages = 0;   ///< how many more there were
  std::string why_in_full;            ///< where frames around changes were asked for, and more
                                      ///< had to be decoded
  bool has_empty_sound = false;       ///< without video, and the audio stream holds no sample
  std::optional<double> measured_s;   ///< the end of the last frame, without video of the last
                                      ///< sample; nothing where not all was decoded
  double sound_end_s = 0;             ///< when the last sample ends
  /// Stream time that the sound's times were counted from, in seconds; nothing where none was
  /// read.
  std::optional<double> sound_origin_s;
  std::optional<std::string> sha256;  ///< of the file, where it was asked for

  /// Degrees clockwise to show the video upright.
  int rotation() const;
};

/// What the decoder said as warnings, in front of what the stages said.
Findings with_messages(const ScanSummary& summary, const Findings& findings);

/// For keeping; scan_summary_from_json gives the same back.
Json to_json(const ScanSummary& summary);
/// Throws Json::exception for anything that to_json(ScanSummary) did not write.
ScanSummary scan_summary_from_json(const Json& json);

}  // namespace reelmill
