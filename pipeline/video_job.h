// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pipeline/admission.h"
#include "pipeline/frame_answers.h"
#include "pipeline/frame_sampler.h"
#include "pipeline/ledger.h"
#include "stages/api/frame_source.h"
#include "stages/api/observer.h"

namespace reelmill {

struct AnalysisPlan;
class VideoJob;

/// One segment of a video while it is scanned: its timeline, its observers, its outcome. Touched by
/// one worker at a time, and by the watchdog only through `control` and the atomics.
struct SegmentScan {
  std::shared_ptr<VideoJob> job;
  Segment segment;
  std::shared_ptr<ReadControl> control = std::make_shared<ReadControl>();
  std::unique_ptr<Demuxer> opened;

  std::optional<Timeline> timeline;
  std::vector<std::unique_ptr<FrameObserver>>
      frame_observers;  ///< as AnalysisPlan::frame_observers
  std::vector<std::unique_ptr<AudioObserver>>
      audio_observers;                    ///< as AnalysisPlan's; nullptr where not wanted
  std::vector<FrameSampler> samplers;     ///< as AnalysisPlan::models
  std::shared_ptr<FrameAnswers> answers;  ///< of all models; nullptr where none is asked
  std::vector<std::int64_t> observer_ns;  ///< time in each of both, frame observers first
  TimelineFrame entry;                    ///< of the frame under analysis
  std::optional<FrameView> view;          ///< of it; valid until the decoder goes on
  double origin_s = 0;                    ///< stream time of the video's first frame
  bool has_origin = false;
  std::int64_t frames_observed = 0;
  HeldFrames held;                     ///< wait for their place in the timeline
  Duration busy{0};                    ///< of its worker
  std::int64_t observing_ns = 0;       ///< time in analysis, all together
  std::optional<Error> scratch_error;  ///< the timeline could not be spilled

  std::optional<ScanOutcome> outcome;
  std::optional<VideoError> failure;
  Clock::time_point queued_at{}, started_at{};
  std::atomic<bool> is_abandoned{false};
};

/// Where pictures need not be read again, because an earlier run kept what it saw of them.
struct SoundAlone {
  double origin_s = 0;          ///< stream time that the sound's times are counted from
  std::vector<bool> is_wanted;  ///< of each of AnalysisPlan::audio_observers
};

/// A video from its admission to its end. Its segments are scanned by different workers; whoever
/// finishes the last one goes on with it. `end()` says who may speak for it: exactly one caller.
class VideoJob {
 public:
  VideoJob(VideoFile video_file, Admission::Lease video_lease)
      : file(std::move(video_file)), lease(std::move(video_lease)) {}

  /// True for the first caller: the one that ends the video.
  bool end() noexcept { return !has_ended_.exchange(true); }
  bool has_ended() const noexcept { return has_ended_; }
  /// Whether all frames were decoded though stages can do with those around changes.
  bool is_read_in_full() const {
    return plan && plan->needs.frames == DecoderNeeds::Frames::around_changes &&
           plan->video_stream && !plan->media.is_still_image && plan->reading == Reading::in_full;
  }

  VideoFile file;
  Admission::Lease lease;
  std::optional<ScanPlan> plan;
  std::vector<std::shared_ptr<SegmentScan>> scans;
  std::atomic<int> scans_left{0};
  std::shared_ptr<ReadControl> open_control = std::make_shared<ReadControl>();
  bool may_split = true;  ///< false after seams proved inexact
  bool may_stand = true;  ///< false after what an earlier run kept proved not to be enough
  std::optional<SoundAlone> sound_alone;
  double waste_cpu_s = 0;    ///< of scans that were thrown away
  int storage_failures = 0;  ///< how often the storage failed under it

  // What came of it; set by whoever ends it.
  std::optional<AnalyzedVideo> analyzed;
  std::optional<QuarantineReason> quarantine;
  bool is_released = false;  ///< the run stopped first
  double decode_cpu_s = 0, media_s = 0;
  double predicted_work_s = 0;        ///< of one worker, see time_prediction.h
  double work_s = 0;                  ///< what it took from opening to results, in vain or not
  std::optional<std::string> sha256;  ///< of the file, where the configuration asks for it
  std::string why_in_full;            ///< where the file turned out to need it
  std::int64_t frames = 0;

 private:
  std::atomic<bool> has_ended_{false};
};

}  // namespace reelmill
