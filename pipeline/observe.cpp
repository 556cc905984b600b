// SPDX-License-Identifier: Apache-2.0
#include "pipeline/observe.h"

namespace reelmill {
namespace {

/// Time since `mark`, which moves on to now.
std::int64_t lap(Clock::time_point& mark) noexcept {
  const auto now = std::chrono::steady_clock::now();
  const auto passed = now - mark;
  mark = now;
  return passed.count();
}

Rational video_time_base(const ScanPlan& plan) {
  if (!plan.video_stream) return {};
  return plan.media.streams[static_cast<std::size_t>(*plan.video_stream)].time_base;
}

/// Stream time 0 of sound, where there is no video to share it with.
double origin_without_video(const SegmentScan& scan, double stream_time_s) {
  const ScanPlan& plan = *scan.job->plan;
  if (plan.first_pts) return static_cast<double>(*plan.first_pts) * video_time_base(plan).value();
  return stream_time_s;
}

void set_origin(SegmentScan& scan, double origin_s) {
  scan.origin_s = origin_s;
  scan.has_origin = true;
}

void check_spilling(SegmentScan& scan, const Status& appended) {
  if (appended) return;
  scan.scratch_error = appended.error();
  scan.control->interrupt();
}

int rotation_of(const ScanPlan& plan) {
  return plan.media.streams[static_cast<std::size_t>(*plan.video_stream)].rotation;
}

}  // namespace

void begin_scan(SegmentScan& scan, const AnalysisPlan& plan, const std::filesystem::path& scratch) {
  const ScanPlan& video = *scan.job->plan;
  const auto& sound_alone = scan.job->sound_alone;
  scan.timeline.emplace(video_time_base(video), scratch);
  scan.frame_observers.clear();
  scan.audio_observers.clear();
  scan.samplers.clear();
  if (scan.segment.reads_video)
    for (const auto* stage : plan.frame_observers)
      scan.frame_observers.push_back(stage->parts().make_frame_observer());
  if (scan.segment.reads_audio)
    for (std::size_t i = 0; i < plan.audio_observers.size(); ++i)
      scan.audio_observers.push_back(sound_alone && !sound_alone->is_wanted[i]
                                         ? nullptr
                                         : plan.audio_observers[i]->parts().make_audio_observer());
  if (scan.segment.reads_video && !plan.models.empty()) {
    for (const auto* stage : plan.models) scan.samplers.emplace_back(stage->parts().needs);
    scan.answers = std::make_shared<FrameAnswers>(plan.models.size());
  }
  scan.observer_ns.assign(plan.frame_observers.size() + plan.audio_observers.size(), 0);
  if (sound_alone)
    set_origin(scan, sound_alone->origin_s);
  else if (video.first_pts)
    set_origin(scan, static_cast<double>(*video.first_pts) * video_time_base(video).value());
}

void observe_frame(const FrameMessage& message, const AnalysisPlan& plan) noexcept {
  SegmentScan& scan = *message.scan;
  auto mark = std::chrono::steady_clock::now();
  const auto begin = mark;
  const double stream_time_s =
      static_cast<double>(message.pts) * video_time_base(*scan.job->plan).value();
  if (!scan.has_origin) set_origin(scan, stream_time_s);
  TimelineFrame& entry = scan.entry;
  entry.pts = message.pts;
  entry.duration = message.duration;
  entry.is_key = message.frame->is_key();
  entry.is_corrupt = message.frame->is_corrupt();
  entry.features = compute_frame_features(message.frame->luma());
  if (plan.needs.chroma) entry.features.chroma = compute_chroma_means(message.frame->chroma());
  const bool may_hold = plan.needs.frames == DecoderNeeds::Frames::around_changes;
  check_spilling(scan,
                 may_hold ? scan.held.append(*scan.timeline, entry) : scan.timeline->append(entry));
  lap(mark);
  const FrameView& view =
      scan.view.emplace(FrameView{*message.frame, entry.features, scan.frames_observed, message.pts,
                                  stream_time_s - scan.origin_s, rotation_of(*scan.job->plan)});
  for (std::size_t i = 0; i < scan.frame_observers.size(); ++i) {
    scan.frame_observers[i]->observe(view);
    scan.observer_ns[i] += lap(mark);
  }
  ++scan.frames_observed;
  scan.observing_ns += (mark - begin).count();
}

void observe_audio(SegmentScan& scan, const AudioView& audio, double stream_time_s) noexcept {
  if (!scan.has_origin) set_origin(scan, origin_without_video(scan, stream_time_s));
  auto mark = std::chrono::steady_clock::now();
  const auto begin = mark;
  const AudioBlock block{audio, stream_time_s - scan.origin_s};
  const std::size_t offset = scan.observer_ns.size() - scan.audio_observers.size();
  for (std::size_t i = 0; i < scan.audio_observers.size(); ++i) {
    if (scan.audio_observers[i] == nullptr) continue;
    scan.audio_observers[i]->observe(block);
    scan.observer_ns[offset + i] += lap(mark);
  }
  scan.observing_ns += (mark - begin).count();
}

void end_scan(SegmentScan& scan) noexcept {
  scan.view.reset();
  check_spilling(scan, scan.held.finish(*scan.timeline));
  for (auto& observer : scan.frame_observers) observer->end_of_scan();
}

}  // namespace reelmill
