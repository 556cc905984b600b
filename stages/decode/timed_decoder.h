// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "media/decoder.h"
#include "stages/decode/frame_clock.h"

namespace reelmill {

/// Decodes packets and passes on each frame that comes out, with its times, and marked as a key
/// frame where the container says that decoding can begin with it: decoders call only some of these
/// frames key frames. Owns no decoder. Not thread-safe.
class TimedDecoder {
 public:
  struct Sinks {
    std::function<void(Frame&, const FrameClock::Times&)> frame;
    std::function<void(std::string)> error;  ///< of a frame that did not come out
  };

  TimedDecoder(Decoder& decoder, FrameClock clock, Sinks sinks)
      : decoder_(decoder), clock_(std::move(clock)), sinks_(std::move(sinks)) {}

  /// The next packet; nullptr is the end. Errors: as Decoder::send().
  Status send(const Packet* packet);
  /// Passes on what has come out. Ends early after 64 errors in a row.
  void receive();

 private:
  void remember_key(const Packet& packet);
  void pass_on(Frame& frame);

  Decoder& decoder_;
  FrameClock clock_;
  const Sinks sinks_;
  std::deque<std::int64_t> key_pts_;  // of packets sent last
};

}  // namespace reelmill
