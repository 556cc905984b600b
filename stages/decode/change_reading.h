// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stages/api/held_frames.h"
#include "stages/decode/change_places.h"
#include "stages/decode/course.h"
#include "stages/decode/frame_clock.h"
#include "stages/decode/group_decoder.h"
#include "stages/decode/group_rhythm.h"

namespace reelmill {

/// Decodes a video only where its picture may change otherwise than by motion. Each group of
/// packets, from one key frame up to the next, is decoded up to the last place where packet sizes
/// tell of something new (change_places.h), without non-reference frames but for those around a
/// sudden change; to its end where it must be known whether a new picture came by motion, by a cut
/// or on the way; and else at its key frame alone. All other frames are held (Held). What it does
/// depends on packets and pictures only. Needs a pts on every packet and key frames in order; where
/// these are missing, or a frame does not come out, it says why and the file must be read in full.
/// Uses two decoders and owns neither. Not thread-safe.
class ChangeReading {
 public:
  struct Sinks {
    std::function<void(Frame&, const FrameClock::Times&)> shown;
    std::function<void(std::int64_t pts, Held)> held;
    /// Asked before each packet that is decoded: where true, the reading refuses to go on.
    std::function<bool()> is_interrupted;
  };

  ChangeReading(Decoder& one, Decoder& other, std::string codec, FrameClock clock, Sinks sinks)
      : decoders_{GroupDecoder(one), GroupDecoder(other)},
        codec_(std::move(codec)),
        clock_(std::move(clock)),
        sinks_(std::move(sinks)) {}

  /// The next packet in file order. False when the rest cannot be read this way.
  bool take(Packet packet);
  /// The end of the file. False as above.
  bool finish();

  const std::string& why_not() const noexcept { return why_not_; }
  /// Why all is decoded from some place on; empty where it is not.
  const std::string& why_in_full() const noexcept { return why_in_full_; }

 private:
  struct Group {
    std::vector<Packet> packets;
    std::int64_t first = 0;                 // number of the first of them
    PacketGroup facts;                      // of those that are shown
    std::optional<FrameFeatures> features;  // of its key frame, once somebody looked
    Frame picture;
    bool begins_with_change = false;  // a transition may lie across its key frame
  };
  /// How far it has been, and what its last frame shows.
  struct Progress {
    std::size_t next = 0;  // of display_, to be shown
    Frame last;
  };

  bool refuse(std::string why);
  bool send(GroupDecoder& decoder, const Packet& packet, DecodeSkip skip);
  bool drain(GroupDecoder& decoder);
  bool begin_group(std::int64_t pts);
  bool close_first();
  void leave_first();
  bool list_frames(const Group* next);
  bool look_around(Group& first, Group* next);
  bool look_at_key(Group& group, GroupDecoder& decoder);
  void choose_decoder();
  GroupView view_of(const Group& first, const Group* next) const;
  double pictures_after(const Progress& progress) const;
  bool look_beyond_key(const Group& next, bool& is_moving);
  bool show_to_end(Course& course, Progress& progress, Group& next);
  void show_key(Group& first, Progress& progress);
  bool show_until(std::size_t last, const Course& course, Progress& progress);
  bool show_next(const Course& course, Progress& progress);
  bool show_rest(Course& course, Progress& progress, Group& next, GroupRhythm::Length length);
  void hold_rest(Progress& progress, Held held);
  bool feed(const Course& course);
  bool read_on_in_full();
  bool send_in_full(const Packet& packet);
  void pass_on();
  GroupDecoder& running() noexcept { return decoders_[running_]; }
  GroupDecoder& idle() noexcept { return decoders_[1 - running_]; }

  std::array<GroupDecoder, 2> decoders_;
  std::size_t running_ = 0;
  const std::string codec_;
  FrameClock clock_;
  const Sinks sinks_;
  std::deque<Group> groups_;  // the first is the next to be shown, the last is still growing
  std::int64_t packets_taken_ = 0, kept_bytes_ = 0;
  std::vector<std::int64_t> display_;  // pts of the first group's frames
  bool has_leading_ = false;           // some of them come after the next key frame in the file
  GroupRhythm rhythm_;
  bool is_first_group_ = true;
  bool is_in_full_ = false;
  std::string why_not_, why_in_full_;
};

}  // namespace reelmill
