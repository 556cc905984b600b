// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "media/stream_info.h"
#include "stages/api/findings.h"
#include "stages/api/observer.h"
#include "stages/api/video.h"

namespace reelmill {

/// What is known of a video once it was scanned.
struct VideoRecord {
  const VideoFile& file;
  const MediaInfo& media;
  const Timeline* timeline;  ///< nullptr where no stage needed frames
  const Findings& findings;  ///< of all detectors and observers
  FrameObserver* observer;   ///< this stage's own observer after merging; nullptr if it has none
  int rotation;              ///< degrees clockwise to show upright
  double duration_s;  ///< measured where something was decoded, otherwise claimed, otherwise 0

  /// Decodes again and hands out the frame with this pts (in the stream's time base): for the rare
  /// case that no candidate was kept. Errors where seeking does not reach it.
  std::function<Result<Frame>(std::int64_t pts)> frame_at;

  AudioObserver* audio_observer = nullptr;  ///< this stage's own after finish(), if it has one
};

/// Where a stage puts files made from a video. They are flushed to disk together, and get their
/// names, before the video counts as analysed; until then nobody sees them. Thread-safe.
class ArtifactWriter {
 public:
  virtual ~ArtifactWriter() = default;
  /// `name`: relative, unique within the video, as in `shot-0001.jpg`. Errors: exhausted, denied,
  /// unavailable, internal for a name that cannot be or that was written before.
  virtual Status write(std::string_view name, std::span<const std::uint8_t> bytes) = 0;
};

/// Work on a whole video after detection: artifacts, exports. May add findings. Stateless; called
/// from many threads.
class VideoStage {
 public:
  virtual ~VideoStage() = default;
  virtual Result<Findings> process(const VideoRecord& video, ArtifactWriter& artifacts) const = 0;
};

}  // namespace reelmill
