// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "media/decoder.h"
#include "stages/decode/slot_frames.h"

namespace reelmill {

/// Feeds a decoder only what one frame a slot needs: the key frame that stands for a slot, or, in a
/// slot without one, what lies from the key frame before it up to the slot's first frame. Keeps
/// packets until it is known whether they are needed. Needs a pts on every packet and key frames in
/// order; where these are missing it says why and the file must be read in full. Uses decoder and
/// slots, owns neither. Not thread-safe.
class SparseDecoder {
 public:
  /// Sends a packet (nullptr drains) and passes on what comes out: to take_frame, in the end.
  using Feed = std::function<void(const Packet*)>;

  SparseDecoder(Decoder& decoder, SlotFrames& slots, Feed feed)
      : decoder_(decoder), slots_(slots), feed_(std::move(feed)) {}

  /// The next packet in file order. False when the rest cannot be read this way.
  bool take(Packet packet);
  /// Whether a decoded frame may be passed on to the slots: not what refers to packets left out.
  bool is_sound(const Frame& frame, std::int64_t pts);
  /// Whether the picture of a packet being fed is of no interest: it refers to some that were left
  /// out, or only makes the decoder let go of the wanted one. What libav says of it is not of this
  /// video.
  bool is_beside(const Packet& packet) const {
    if (first_sound_pts_ && packet.pts < first_sound_pts_) return true;
    return target_pts_ && packet.pts != target_pts_;
  }
  /// The end of the file. False as above.
  bool finish();

  /// Where to read on, so that nothing is missed: key frames before this pts are of no use. Empty
  /// while packets are needed one by one.
  std::optional<std::int64_t> next_pts() const;
  /// The packets that follow come from elsewhere in the file.
  void jumped();

  /// Whether the decoder got, and told of, everything so far but what is kept here: reading on in
  /// full costs nothing then.
  bool has_left_out() const noexcept { return has_left_out_; }
  /// Feeds what is kept, also a packet that was refused. The decoder is the caller's then.
  void hand_over();

  const std::string& why_not() const noexcept { return why_not_; }

 private:
  bool refuse(std::string why);
  bool refuse(Packet packet, std::string why);
  bool take_key(Packet packet, std::int64_t slot);
  bool take_other(Packet packet);
  void keep(Packet packet);
  void feed(Packet packet);
  void feed_pending();
  void decode_up_to(std::int64_t slot);
  void leave_out();
  bool has_all_before(std::int64_t slot);
  std::int64_t slot_after(std::optional<std::int64_t> pts) const;

  Decoder& decoder_;
  SlotFrames& slots_;
  const Feed feed_;
  std::deque<Packet> pending_;  // since the last key frame, or since what was fed last
  std::int64_t pending_bytes_ = 0;
  bool is_gap_ = false;   // pending_ does not follow what was fed
  bool is_lost_ = false;  // between a jump and the next key frame
  bool has_left_out_ = false;
  std::optional<std::int64_t> last_fed_pts_;  // the greatest
  std::optional<std::int64_t> target_pts_;    // the key frame that must come out
  std::optional<std::int64_t> first_sound_pts_;
  std::optional<std::int64_t> target_slot_;  // feeding goes on until a frame of it comes out
  std::optional<std::int64_t> last_key_pts_;
  std::string why_not_;
};

}  // namespace reelmill
