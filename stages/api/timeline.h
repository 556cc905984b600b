// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "media/frame_features.h"
#include "media/stream_info.h"

namespace reelmill {

/// One frame of a timeline. Trivially copyable.
struct TimelineFrame {
  std::int64_t pts = 0;       ///< in the stream's time base
  std::int64_t duration = 0;  ///< in the stream's time base, 0 = unknown
  bool is_key = false;
  bool is_corrupt = false;
  FrameFeatures features;
};

/// The frames of a video, or of one segment of it, in output order: appended during the scan, then
/// read by detectors. Of a frame's features it keeps the picture in whole levels and the histogram
/// in 1/1024, so that a timeline compresses well (timeline_codec.h). Keeps the last few thousand
/// frames in memory and spills the rest to a nameless file in `scratch`. Appending is for one
/// thread; reading through separate readers is safe from many threads once appending is over.
class Timeline {
 public:
  /// `scratch`: a folder for the spill file, used only when the timeline outgrows memory.
  Timeline(Rational time_base, std::filesystem::path scratch);
  ~Timeline();
  Timeline(Timeline&&) noexcept;
  Timeline& operator=(Timeline&&) noexcept;

  /// Errors: exhausted (scratch is full; the text says how many bytes are needed), denied,
  /// unavailable. The frame is not in the timeline then, and appending may be tried again.
  Status append(const TimelineFrame& frame);
  /// So many frames are about to be appended: makes room at once rather than bit by bit.
  void expect(std::int64_t frames);
  /// Appends all frames of `later`, which starts where this one ends.
  Status append(const Timeline& later);

  std::int64_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  Rational time_base() const noexcept;
  std::int64_t first_pts() const noexcept;  ///< of frame 0; 0 when empty

  /// Seconds from the first frame's pts; 0 where the time base is unknown.
  double seconds(std::int64_t pts) const noexcept;
  /// When frame i begins; for i == size(), when the last one ends. Never decreases with i: a frame
  /// whose pts lies before an earlier frame's begins with that one. NaN where the spill file cannot
  /// be read.
  double start_s(std::int64_t frame) const;
  /// Last pts plus its duration (or the frame before's, where unknown), in seconds from the first
  /// frame's pts.
  double end_s() const noexcept;

  /// Reads frames in order, a block at a time; never holds more than one block. Not thread-safe;
  /// make one a thread.
  class Reader {
   public:
    explicit Reader(const Timeline& timeline, std::int64_t from = 0);
    ~Reader();
    Reader(Reader&&) noexcept;
    /// The next frame, nullptr at the end; valid until the next call. A failed read of the spill
    /// file ends the timeline early and shows in status().
    const TimelineFrame* next();
    std::int64_t index() const noexcept;  ///< of the frame that next() returned last
    double start_s() const noexcept;      ///< the same as Timeline::start_s(index())
    Status status() const;

   private:
    struct State;
    std::unique_ptr<State> state_;
  };
  Reader read(std::int64_t from = 0) const { return Reader(*this, from); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reelmill
