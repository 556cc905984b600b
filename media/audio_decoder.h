// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "media/decoder.h"

namespace reelmill {

/// A block of decoded sound: interleaved 32-bit floats, nominal range -1 to 1.
struct AudioView {
  std::span<const float> samples;  ///< frames × channels
  int channels = 0;
  int sample_rate = 0;              ///< Hz
  std::optional<std::int64_t> pts;  ///< of the first sample, in the stream's time base
  std::size_t frames() const noexcept {
    return channels == 0 ? 0 : samples.size() / static_cast<std::size_t>(channels);
  }
};

/// Decodes one audio stream on the calling thread and hands out float PCM at the stream's own rate
/// and layout. A change of rate or layout in mid-stream shows in the next view. Owns the codec
/// context; counts CPU time inside libavcodec. Used by one thread at a time.
class AudioDecoder {
 public:
  using Sink = std::function<void(const AudioView&)>;

  static Result<std::unique_ptr<AudioDecoder>> open(const Demuxer& demuxer, int stream);
  ~AudioDecoder();

  /// Feeds one packet (nullptr drains) and calls `sink` for every block that comes out.
  /// An error concerns this packet only: go on with the next.
  Status decode(const Packet* packet, const Sink& sink);

  double cpu_seconds() const noexcept { return timer_.seconds(); }

 private:
  struct State;
  explicit AudioDecoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  DecodeTimer timer_;
};

}  // namespace reelmill
