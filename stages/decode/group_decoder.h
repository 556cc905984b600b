// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "media/decoder.h"

namespace reelmill {

/// Decodes packets in file order from one key frame on, and keeps the frames that came out until
/// somebody asks. Packets have numbers, counted through the video, so that it can be seen where it
/// is. Frames shown before that key frame are dropped: they refer to what was not decoded. Owns no
/// decoder. Not thread-safe.
class GroupDecoder {
 public:
  explicit GroupDecoder(Decoder& decoder) : decoder_(decoder) {}

  /// Begins with packet `number`, a key frame that is sent next.
  void start(std::int64_t number, std::int64_t pts);
  /// Is of no use any more where it is; start() makes it so again.
  void stop() { is_running_ = false; }
  /// Sends the next packet; a non-reference frame may be left out where decoding the others does
  /// not suffer (Decoder::skips_exactly). Errors, also where libav says one: invalid_input.
  Status send(const Packet& packet, DecodeSkip skip);
  /// Lets out what is still inside; nothing can be sent then. Errors: invalid_input.
  Status drain();

  bool is_running() const noexcept { return is_running_; }
  bool is_drained() const noexcept { return is_drained_; }
  std::int64_t first() const noexcept { return first_; }  ///< number of the packet it began with
  std::int64_t next() const noexcept { return next_; }    ///< number of the packet to send
  std::deque<Frame>& frames() noexcept { return frames_; }
  /// Whether the frame with this pts was allowed to be left out.
  bool was_spared(std::int64_t pts) const;

 private:
  Status take_frames(bool is_beside);

  Decoder& decoder_;
  bool is_running_ = false, is_drained_ = false;
  std::int64_t first_ = 0, next_ = 0;
  std::int64_t start_pts_ = 0;
  std::deque<Frame> frames_;
  std::deque<std::int64_t> key_pts_, spared_;  // of packets sent last
};

}  // namespace reelmill
