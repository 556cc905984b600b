// SPDX-License-Identifier: Apache-2.0
#include "pipeline/finish_video.h"

#include "pipeline/analysis_pass.h"
#include "pipeline/model_findings.h"
#include "pipeline/output_paths.h"
#include "pipeline/upload_claims.h"
#include "stages/api/timeline_codec.h"

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
    const auto frames = job.plan->needs.frames;
    const bool has_all =
        frames == DecoderNeeds::Frames::all || frames == DecoderNeeds::Frames::around_changes;
    if (!has_all || whole.timeline->empty()) return {};
    return whole.timeline->end_s();
  }
  const double end_s = sound_end(job);
  return end_s > 0 ? std::optional(end_s) : std::nullopt;
}

ScanSummary summary_of(const VideoJob& job, const SegmentScan& whole) {
  ScanSummary summary;
  summary.media = job.plan->media;
  summary.video_stream = job.plan->video_stream;
  summary.audio_stream = job.plan->audio_stream;
  summary.status = status_of(job);
  for (const auto& scan : job.scans) {
    const auto& outcome = *scan->outcome;
    summary.frames_decoded += outcome.frames;
    summary.frames_corrupt += outcome.corrupt_frames;
    summary.frames_held += outcome.held_frames;
    for (const auto& message : outcome.messages) summary.messages.push_back(message);
    summary.unsaid_messages +=
        outcome.message_count - static_cast<std::int64_t>(outcome.messages.size());
  }
  if (job.is_read_in_full())
    summary.why_in_full = job.why_in_full.empty() ? job.plan->why_in_full : job.why_in_full;
  else if (job.plan->needs.frames == DecoderNeeds::Frames::around_changes)
    summary.why_in_full = job.scans.front()->outcome->why_in_full;
  summary.has_empty_sound = !has_video(job) && job.scans.front()->segment.reads_audio &&
                            job.scans.front()->outcome->audio_frames == 0;
  summary.measured_s = measured_duration(job, whole);
  summary.sound_end_s = sound_end(job);
  for (const auto& scan : job.scans)
    if (scan->segment.reads_audio) summary.sound_origin_s = scan->origin_s;
  summary.sha256 = job.sha256;
  return summary;
}

/// Models that the next run has to ask again.
using PendingModels = std::vector<const RunStage*>;

/// The video is done again by the next run, which asks the models that could not be had. Until then
/// it waits in the ledger, and nothing of it is published.
void leave_pending(AnalyzedVideo& video, const PendingModels& models, const WrittenFile& results) {
  video.analysis_hash = "pending";
  for (const auto* stage : models)
    video.uploads.push_back({stage->spec->id,
                             stage->spec->hash,
                             {{.video = video.file.key,
                               .stage = stage->spec->id,
                               .file = results.file,
                               .name = results.file,
                               .content_type = "application/json",
                               .bytes = results.bytes,
                               .sha256 = results.sha256,
                               .batch = {}}}});
}

/// Writes what the pass found, and the timeline for later runs: `frames` where it is already
/// encoded.
Result<AnalyzedVideo> write_out(const WholeVideo& video, AnalysisPass& pass, ResultsWriter& files,
                                const AnalysisPlan& plan, const PipelineSpec& spec,
                                const PendingModels& pending, std::string frames) {
  const auto& summary = video.summary;
  const auto findings = with_messages(summary, pass.findings());
  const auto status = has_unanswered_frames(findings) ? "partial" : summary.status;
  const VideoResults results{video.file,
                             summary.media,
                             findings,
                             status,
                             summary.frames_decoded,
                             summary.frames_corrupt,
                             duration_of(summary.measured_s, summary.media),
                             spec.hash_input ? summary.sha256 : std::nullopt,
                             summary.frames_held};
  std::optional<std::string> stored;
  if (spec.keep_timeline) {
    auto records = pass.take_records();
    for (const auto* stage : pending) records.erase(stage->spec->id);
    const StoredAnalysis analysis{video.file.bytes,
                                  video.file.mtime_ns,
                                  plan.source.spec->hash,
                                  needs_text(plan.needs),
                                  summary,
                                  std::move(records),
                                  {}};
    if (frames.empty() && video.timeline != nullptr) {
      REELMILL_ASSIGN(frames, encode_timeline(*video.timeline));
    }
    stored = encode_analysis(analysis, frames);
  }
  REELMILL_ASSIGN(const auto written, files.commit(results, stored));
  AnalyzedVideo analyzed;
  analyzed.file = video.file;
  analyzed.analysis_hash = spec.analysis_hash;
  analyzed.status = status;
  analyzed.frames = summary.frames_decoded;
  analyzed.results_sha256 = written.results.sha256;
  analyzed.artifacts = written.artifacts;
  if (pending.empty())
    analyzed.uploads = make_claims(spec, video.file.key, written.results, written.artifacts);
  else
    leave_pending(analyzed, pending, written.results);
  return analyzed;
}

}  // namespace

std::string why_not_joined(const VideoJob& job) {
  if (job.scans.size() == 1)
    return job.scans.front()->outcome->is_exact ? "" : job.scans.front()->outcome->why_not_exact;
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
  const auto summary = summary_of(job, whole);
  auto models = collect_models(job, plan);
  job.media_s = duration_of(summary.measured_s, summary.media).value_or(0);
  ResultsWriter files(output, job.file.key);
  AnalysisPass pass(plan, files, {});
  WholeVideo video{job.file,
                   summary,
                   has_video(job) && !whole.timeline->empty() ? &*whole.timeline : nullptr,
                   std::move(whole.frame_observers),
                   std::move(whole.audio_observers),
                   [&](std::int64_t pts) { return plan.frame_source->frame_at(*job.plan, pts); },
                   std::move(models.findings)};
  REELMILL_TRY(pass.run(video));
  return write_out(video, pass, files, plan, spec, models.pending, {});
}

std::optional<StandingAnalysis> standing_analysis(const VideoFile& file, const AnalysisPlan& plan,
                                                  const PipelineSpec& spec,
                                                  const std::filesystem::path& output) {
  if (!spec.keep_timeline) return {};
  auto stored = read_analysis(output / timeline_file(file.key), output);
  if (!stored || stored->bytes != file.bytes || stored->mtime_ns != file.mtime_ns ||
      (spec.hash_input && !stored->summary.sha256))
    return {};
  const auto rerun = rerun_of(*stored, plan);
  if (!rerun) return {};
  return StandingAnalysis{std::move(*stored), *rerun};
}

Result<AnalyzedVideo> finish_again(VideoJob& job, StoredAnalysis stored, AudioObservers heard,
                                   const AnalysisPlan& plan, const PipelineSpec& spec,
                                   DurableFolders& output) {
  const auto& summary = stored.summary;
  job.media_s = duration_of(summary.measured_s, summary.media).value_or(0);
  ScanPlan source;
  source.file = job.file;
  source.media = summary.media;
  source.video_stream = summary.video_stream;
  source.audio_stream = summary.audio_stream;
  source.needs = plan.needs;
  auto observers = restored_observers(stored, plan);
  ResultsWriter files(output, job.file.key);
  AnalysisPass pass(plan, files, std::move(stored.stages));
  WholeVideo video{job.file,
                   summary,
                   stored.timeline ? &*stored.timeline : nullptr,
                   std::move(observers),
                   std::move(heard),
                   [&](std::int64_t pts) { return plan.frame_source->frame_at(source, pts); }};
  REELMILL_TRY(pass.run(video));
  // Read again rather than kept: long films have many, and memory is for those that are decoded.
  auto frames = stored_frames(output.root() / timeline_file(job.file.key));
  return write_out(video, pass, files, plan, spec, {}, std::move(frames).value_or(std::string()));
}

}  // namespace reelmill
