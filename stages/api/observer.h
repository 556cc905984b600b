// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "media/audio_decoder.h"
#include "media/frame.h"
#include "stages/api/findings.h"
#include "stages/api/timeline.h"

namespace reelmill {

/// One frame as observers see it: the picture, its features, and when it is shown.
struct FrameView {
  const Frame& frame;  ///< share() it to keep it; that holds one of the decoder's buffers
  const FrameFeatures& features;
  std::int64_t index;  ///< within this scan (a whole video, or one segment)
  std::int64_t pts;    ///< in the stream's time base
  double time_s;       ///< seconds from the first frame of the video, also in a later segment
  int rotation;        ///< degrees clockwise to show upright
};

/// Sees the frames of one scan, in order, on the decoding thread: be quick. One object a scan; used
/// by one thread at a time.
class FrameObserver {
 public:
  virtual ~FrameObserver() = default;
  virtual void observe(const FrameView& frame) = 0;
  /// The scan of this segment is over; take leave of decoder buffers.
  virtual void end_of_scan() {}
  /// Takes over what the observer of the next segment saw. Called in order, once a following
  /// segment, only where the stage said that it merges. `frame_offset` is the index in the video of
  /// the next segment's frame 0.
  virtual void merge(FrameObserver& next, std::int64_t frame_offset) {
    (void)next, (void)frame_offset;
  }
  /// What this observer has to say of the whole video.
  virtual Findings finish() { return {}; }
  /// After all merges: what its video stage needs of it, as bytes for StageParts::restore, so that
  /// the stage can run again without frames. Empty: it cannot.
  virtual std::string save() const { return {}; }
};

/// One block of sound as observers see it.
struct AudioBlock {
  const AudioView& audio;
  double time_s;  ///< of the first sample, seconds from the video's first frame (or, without video,
                  ///< the first sample)
};

/// The same for PCM. Sound is never split: one object sees the whole stream.
class AudioObserver {
 public:
  virtual ~AudioObserver() = default;
  virtual void observe(const AudioBlock& block) = 0;
  /// `end_s`: when the last sample ends.
  virtual Findings finish(double end_s) = 0;
};

/// A pure function from a timeline to findings. Stateless; called from many threads.
class Detector {
 public:
  virtual ~Detector() = default;
  virtual Result<Findings> detect(const Timeline& timeline) const = 0;
};

}  // namespace reelmill
