// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/audio_decoder.h"
#include "media/demuxer.h"
#include "media/frame.h"
#include "stages/api/held_frames.h"
#include "stages/api/stage.h"
#include "stages/api/video.h"

namespace reelmill {

/// One piece of a video that is scanned on its own: frames with from_pts <= pts < to_pts. The first
/// segment has no from_pts, the last no to_pts. Times in the video stream's time base.
struct Segment {
  int index = 0;
  std::optional<std::int64_t> from_pts, to_pts;
  bool reads_video = true;
  bool reads_audio = false;  ///< sound is read by exactly one segment, from start to end
};

/// Why a video cannot be read: an error, and the class under which the report counts it.
struct VideoError {
  std::string failure_class;  ///< `empty`, `not_media`, `encrypted`, `no_decoder`, `storage`, ...
  Error error;
};

template <class T>
using VideoResult = tl::expected<T, VideoError>;

/// How the packets of a video become the frames that are wanted.
enum class Reading {
  in_full,         ///< every packet is read and decoded (or left out by the decoder itself)
  skipping,        ///< every packet is read, and decoded only where a wanted frame needs it
  seeking,         ///< only the surroundings of wanted frames are read
  around_changes,  ///< every packet is read, and decoded where the picture may change
};
std::string_view to_string(Reading reading) noexcept;

/// How a video will be read. Made from its headers (and, for segments, a look at the packets around
/// each seam).
struct ScanPlan {
  VideoFile file;
  MediaInfo media;
  FileIdentity identity;  ///< of the file as it was opened
  std::optional<int> video_stream, audio_stream;
  DecoderNeeds needs;
  std::optional<std::int64_t> first_pts;  ///< of the video, known when there are several segments
  std::vector<Segment> segments;          ///< at least one; several only where seams look exact
  Reading reading = Reading::in_full;
  std::string why_in_full;  ///< where frames around changes are wanted and cannot be told
  double duration_s = 0;    ///< claimed, 0 = unknown
  double decode_cpu_s = 0;  ///< spent inside libavcodec while planning: waste
};

/// What plan() hands over: the plan, and the file as it was opened, for the scan of the first
/// segment, so that opening and probing are paid once.
struct PlannedVideo {
  ScanPlan plan;
  std::unique_ptr<Demuxer> opened;
};

struct PlanRequest {
  const VideoFile& file;
  DecoderNeeds needs;
  double segment_length_s = 0;  ///< 0 = never split
  bool is_repeat = false;       ///< a cheaper way turned out not to be exact: read in full
  std::shared_ptr<ReadControl> control;
};

/// Receives what a scan decodes, on the scanning thread.
class ScanSink {
 public:
  virtual ~ScanSink() = default;
  /// A frame of this segment, in output order. `time_base` is the stream's.
  virtual void on_frame(Frame& frame, std::int64_t pts, std::int64_t duration) = 0;
  /// A frame that is not decoded, in its place among the others (Frames::around_changes only).
  virtual void on_held(std::int64_t pts, Held held) { (void)pts, (void)held; }
  virtual void on_audio(const AudioView& audio, double stream_time_s) = 0;
};

/// What came of scanning one segment.
struct ScanOutcome {
  std::int64_t frames = 0, corrupt_frames = 0;
  std::int64_t held_frames = 0;   ///< not decoded, see ScanSink::on_held
  std::int64_t audio_frames = 0;  ///< samples per channel
  double decode_cpu_s = 0;        ///< inside libavcodec, for frames that were kept
  double waste_cpu_s = 0;  ///< inside libavcodec, for frames that were decoded for a seam only
  std::uint64_t bytes_read = 0;
  std::vector<std::string> messages;  ///< libav error messages, API errors: the first 20
  int message_count = 0;
  bool is_exact = true;  ///< false: this segment cannot be joined; scan the file unsplit
  std::string why_not_exact;
  std::string why_in_full;  ///< where all was decoded from some place on, against the plan
  /// Identity of the key frame at the seam, as decoded by this segment at its start and by this one
  /// beyond its end.
  std::optional<std::uint64_t> first_frame_digest, next_frame_digest;
  std::optional<std::int64_t> first_pts, last_pts;
  std::optional<double> audio_start_s, audio_end_s;  ///< in stream time
};

struct ScanRequest {
  const ScanPlan& plan;
  const Segment& segment;
  ScanSink& sink;
  std::shared_ptr<ReadControl> control;
  std::unique_ptr<Demuxer> opened;  ///< where there is one; its position must be the start
};

/// The stage that turns a file into frames: the graph's source. Thread-safe.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  virtual VideoResult<PlannedVideo> plan(const PlanRequest& request) const = 0;
  /// Reads one segment on the calling thread. An error means that nothing of this video can be
  /// read, or that the storage failed; what decodes in part is an outcome with messages.
  virtual VideoResult<ScanOutcome> scan(ScanRequest request) const = 0;
  /// Decodes the frame with this pts again. Errors where seeking does not reach it.
  virtual Result<Frame> frame_at(const ScanPlan& plan, std::int64_t pts) const = 0;
};

}  // namespace reelmill
