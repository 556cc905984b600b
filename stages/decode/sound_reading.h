// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "media/audio_decoder.h"
#include "stages/decode/scan_errors.h"

namespace reelmill {

/// Decodes the sound of a video and passes it on with its time. What comes before the first frame
/// can be made to wait until the frame's time is known. Not thread-safe.
class SoundReading {
 public:
  struct Parts {
    std::unique_ptr<AudioDecoder> decoder;
    double time_unit_s = 0;  ///< of the stream's times
    ScanOutcome& outcome;    ///< is told how much was heard, and when
    ScanErrors& errors;
    std::function<void(const AudioView&, double stream_time_s)> heard;
  };
  enum class Start { at_once, when_released };

  SoundReading(Parts parts, Start start)
      : parts_(std::move(parts)), is_released_(start == Start::at_once) {}

  /// The next packet of the stream. Beyond 2,000 that wait, all go ahead.
  void take(Packet packet);
  /// No packet waits from now on.
  void release();
  /// The end of the file.
  void finish();

  double cpu_seconds() const noexcept { return parts_.decoder->cpu_seconds(); }

 private:
  void decode(const Packet* packet);
  void pass_on(const AudioView& view);

  Parts parts_;
  std::deque<Packet> waiting_;
  bool is_released_;
};

}  // namespace reelmill
