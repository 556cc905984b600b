// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "stages/decode/key_frame_index.h"
#include "stages/decode/scan_errors.h"
#include "stages/decode/slot_frames.h"
#include "stages/decode/sparse_decoder.h"
#include "stages/decode/timed_decoder.h"

namespace reelmill {

/// Reads a video for one frame a slot, in the way of its plan: decodes only what these frames need
/// (SparseDecoder), where there is an index goes from one to the next, or decodes all. What goes
/// wrong in a part ends reading in part: it goes on in full where nothing is missing yet, and else
/// says why the file must be read again. Uses what it is given and owns none of it. Not
/// thread-safe.
class SlotReading {
 public:
  struct Parts {
    const ScanPlan& plan;
    Demuxer& demuxer;  ///< moved where the plan is to seek
    Decoder& decoder;
    ScanErrors& errors;
    ReadControl& control;
    SlotFrames::Sink shown;
  };

  explicit SlotReading(const Parts& parts);
  SlotReading(const SlotReading&) = delete;
  SlotReading& operator=(const SlotReading&) = delete;

  /// The next packet of the video stream. False when the file must be read again, in full.
  bool take(Packet packet);
  /// The end of the file. False as above.
  bool finish();

  /// Whether the decoder has not been given all.
  bool is_in_part() const noexcept { return sparse_.has_value(); }
  const std::string& why_not() const noexcept { return why_not_; }

 private:
  bool refuse(std::string why);
  bool read_on_in_full(std::string why);
  bool go_on(std::int64_t dts);
  void feed(const Packet* packet);
  void feed_sparse(const Packet* packet);
  void take_frame(Frame& frame, const FrameClock::Times& times);

  const ScanPlan& plan_;
  Demuxer& demuxer_;
  ScanErrors& errors_;
  ReadControl& control_;
  SlotFrames slots_;
  TimedDecoder decoder_;
  std::optional<SparseDecoder> sparse_;  // where the rest is not decoded
  std::optional<KeyFrameIndex> index_;   // where the rest is not even read
  std::int64_t last_jump_ = std::numeric_limits<std::int64_t>::min();
  bool has_unheard_ = false;  // errors of packets that are not of this video
  bool is_started_ = false;
  std::string why_not_;
};

}  // namespace reelmill
