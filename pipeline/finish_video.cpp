// SPDX-License-Identifier: Apache-2.0
#include "pipeline/finish_video.h"

#include <cmath>

#include "base/digest.h"
#include "pipeline/results_writer.h"
#include "pipeline/upload_claims.h"

namespace reelmill {
namespace {

bool has_video(const VideoJob& job) {
  return job.plan->video_stream.has_value();
}

std::string status_of(const VideoJob& job) {
  const auto& media = job.plan->media;
  if (media.is_still_image) return "image-only";
  if (!has_video(job)) return "audio-only";
  for (const auto& scan : job.scans)
    if (scan->outcome->message_count > 0 || scan->outcome->corrupt_frames > 0) return "partial";
  return "done";
}

/// Everything of the first segment, with the later ones joined to it.
SegmentScan& join(VideoJob& job, Status& status) {
  SegmentScan& whole = *job.scans.front();
  for (std::size_t i = 1; i < job.scans.size() && status; ++i) {
    SegmentScan& next = *job.scans[i];
    if (next.segment.reads_video) {
      const auto offset = whole.timeline->size();
      status = whole.timeline->append(*next.timeline);
      for (std::size_t k = 0; k < whole.frame_observers.size(); ++k)
        whole.frame_observers[k]->merge(*next.frame_observers[k], offset);
    }
    if (next.segment.reads_audio) whole.audio_observers = std::move(next.audio_observers);
  }
  return whole;
}

double sound_end(const VideoJob& job) {
  for (const auto& scan : job.scans)
    if (scan->segment.reads_audio && scan->outcome->audio_end_s)
      return *scan->outcome->audio_end_s - scan->origin_s;
  return 0;
}

/// The end of the last frame, without video of the last sample; nothing where not all was decoded.
std::optional<double> measured_duration(const VideoJob& job, const SegmentScan& whole) {
  if (has_video(job)) {
    if (job.plan->needs.frames != DecoderNeeds::Frames::all || whole.timeline->empty()) return {};
    return whole.timeline->end_s();
  }
  const double end_s = sound_end(job);
  return end_s > 0 ? std::optional(end_s) : std::nullopt;
}

/// Runs `work` and charges the time to the stage.
template <class F>
auto metered(const RunStage& stage, F&& work) {
  const auto begin = std::chrono::steady_clock::now();
  auto result = work();
  stage.meter->put_out(std::chrono::steady_clock::now() - begin);
  return result;
}

/// What an observer has to say. A stage that goes on to work on the whole video counts it there.
template <class F>
Findings finish_observer(const RunStage& stage, F&& finish) {
  if (stage.parts().video_stage != nullptr) {
    const auto begin = std::chrono::steady_clock::now();
    auto findings = finish();
    stage.meter->worked(std::chrono::steady_clock::now() - begin);
    return findings;
  }
  stage.meter->took_in();
  return metered(stage, finish);
}

void collect_observers(SegmentScan& whole, const VideoJob& job, const AnalysisPlan& plan,
                       Findings& findings) {
  for (std::size_t i = 0; i < whole.frame_observers.size(); ++i)
    findings.merge(finish_observer(*plan.frame_observers[i],
                                   [&] { return whole.frame_observers[i]->finish(); }));
  const double end_s = sound_end(job);
  for (std::size_t i = 0; i < whole.audio_observers.size(); ++i)
    findings.merge(finish_observer(*plan.audio_observers[i],
                                   [&] { return whole.audio_observers[i]->finish(end_s); }));
}

Status run_detectors(const Timeline& timeline, const AnalysisPlan& plan, Findings& findings) {
  for (const auto* stage : plan.detectors) {
    stage->meter->took_in();
    REELMILL_ASSIGN(auto found,
                    metered(*stage, [&] { return stage->parts().detector->detect(timeline); }));
    findings.merge(std::move(found));
  }
  return {};
}

FrameObserver* observer_of(const RunStage& stage, const SegmentScan& whole,
                           const AnalysisPlan& plan) {
  for (std::size_t i = 0; i < plan.frame_observers.size() && i < whole.frame_observers.size(); ++i)
    if (plan.frame_observers[i] == &stage) return whole.frame_observers[i].get();
  return nullptr;
}

Status run_video_stages(const VideoJob& job, SegmentScan& whole, const AnalysisPlan& plan,
                        double duration_s, ArtifactWriter& artifacts, Findings& findings) {
  for (const auto* stage : plan.video_stages) {
    stage->meter->took_in();
    const int rotation =
        has_video(job)
            ? job.plan->media.streams[static_cast<std::size_t>(*job.plan->video_stream)].rotation
            : 0;
    const VideoRecord record{
        job.file,
        job.plan->media,
        whole.timeline->empty() ? nullptr : &*whole.timeline,
        findings,
        observer_of(*stage, whole, plan),
        rotation,
        duration_s,
        [&](std::int64_t pts) { return plan.frame_source->frame_at(*job.plan, pts); }};
    REELMILL_ASSIGN(auto found, metered(*stage, [&] {
                      return stage->parts().video_stage->process(record, artifacts);
                    }));
    findings.merge(std::move(found));
  }
  return {};
}

/// What the decoder said, in front of what the stages said; bounded.
Findings with_messages(const VideoJob& job, const Findings& findings) {
  Findings all;
  int unsaid = 0;
  for (const auto& scan : job.scans) {
    for (const auto& message : scan->outcome->messages) all.warn(message);
    unsaid += scan->outcome->message_count - static_cast<int>(scan->outcome->messages.size());
  }
  if (unsaid > 0) all.warn(fmt::format("{} more messages of the decoder", unsaid));
  if (!has_video(job) && job.scans.front()->segment.reads_audio &&
      job.scans.front()->outcome->audio_frames == 0)
    all.warn("the audio stream holds no sample");
  all.merge(findings);
  return all;
}

}  // namespace

std::string why_not_joined(const VideoJob& job) {
  if (job.scans.size() == 1) return "";
  const SegmentScan* before = nullptr;
  for (const auto& scan : job.scans) {
    if (!scan->outcome->is_exact) return scan->outcome->why_not_exact;
    if (!scan->segment.reads_video) continue;
    if (before != nullptr &&
        before->outcome->next_frame_digest != scan->outcome->first_frame_digest)
      return "a seam's key frame was decoded in two ways";
    if (before != nullptr && scan->outcome->frames == 0) return "an empty segment";
    before = scan.get();
  }
  if (job.plan->first_pts != job.scans.front()->outcome->first_pts)
    return "the first frame was another one";
  return "";
}

std::optional<VideoError> nothing_decoded(const VideoJob& job) {
  std::int64_t frames = 0, audio_frames = 0;
  std::string first_message;
  bool wants_frames = false, wants_audio = false;
  for (const auto& scan : job.scans) {
    frames += scan->outcome->frames;
    audio_frames += scan->outcome->audio_frames;
    wants_frames = wants_frames || (scan->segment.reads_video && has_video(job));
    wants_audio = wants_audio || scan->segment.reads_audio;
    if (first_message.empty() && !scan->outcome->messages.empty())
      first_message = scan->outcome->messages.front();
  }
  const auto text = [&](std::string what) {
    return VideoError{"undecodable",
                      Error{ErrorKind::invalid_input,
                            what + (first_message.empty() ? "" : ": " + first_message)}};
  };
  if (wants_frames && frames == 0) return text("video stream without a single decodable frame");
  // An empty but sound track is no failure: there is nothing in it, and nothing is wrong with it.
  if (!has_video(job) && wants_audio && audio_frames == 0 && !first_message.empty())
    return text("audio stream without a single decodable sample");
  return {};
}

Result<AnalyzedVideo> finish_video(VideoJob& job, const AnalysisPlan& plan,
                                   const PipelineSpec& spec, DurableFolders& output) {
  Status joined;
  SegmentScan& whole = join(job, joined);
  REELMILL_TRY(joined);
  const auto measured_s = measured_duration(job, whole);
  Findings findings;
  ResultsWriter files(output, job.file.key);
  collect_observers(whole, job, plan, findings);
  if (has_video(job) && !whole.timeline->empty())
    REELMILL_TRY(run_detectors(*whole.timeline, plan, findings));
  REELMILL_TRY(run_video_stages(job, whole, plan, measured_s.value_or(0), files, findings));
  findings = with_messages(job, findings);
  VideoResults results{job.file,
                       job.plan->media,
                       findings,
                       status_of(job),
                       0,
                       0,
                       duration_of(measured_s, job.plan->media),
                       {}};
  job.media_s = results.duration_s.value_or(0);
  for (const auto& scan : job.scans) {
    results.frames_decoded += scan->outcome->frames;
    results.frames_corrupt += scan->outcome->corrupt_frames;
  }
  if (spec.hash_input) {
    REELMILL_ASSIGN(results.sha256, sha256_file(job.file.path));
  }
  REELMILL_ASSIGN(const auto written, files.commit(results));
  AnalyzedVideo analyzed;
  analyzed.file = job.file;
  analyzed.analysis_hash = spec.analysis_hash;
  analyzed.status = results.status;
  analyzed.frames = results.frames_decoded;
  analyzed.results_sha256 = written.results.sha256;
  analyzed.artifacts = written.artifacts;
  analyzed.uploads = make_claims(spec, job.file.key, written.results, written.artifacts);
  return analyzed;
}

}  // namespace reelmill
