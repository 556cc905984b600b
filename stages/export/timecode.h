// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "media/stream_info.h"

namespace reelmill {

/// Counts frames in SMPTE ST 12-1 timecodes. At 30000/1001 and 60000/1001 frames a second it is
/// drop-frame: two (four) numbers are left out each minute but every tenth, so that the timecode
/// keeps to the clock. 24000/1001 counts 24 without dropping. A rate that no timecode has is
/// rounded to the nearest whole number; an unknown one is 25. Immutable.
class Timecode {
 public:
  explicit Timecode(Rational frame_rate);

  /// The number of the frame that is shown at this time.
  std::int64_t frame_at(double seconds) const;
  /// `hh:mm:ss:ff`, with `;` before the frames of a drop-frame count; hours wrap at 24.
  std::string text(std::int64_t frame) const;

  int frames_a_second() const noexcept { return nominal_; }
  bool is_drop_frame() const noexcept { return dropped_ > 0; }

 private:
  int nominal_ = 25;
  int dropped_ = 0;  ///< numbers a minute
  double rate_ = 25;
};

}  // namespace reelmill
