// SPDX-License-Identifier: Apache-2.0
// How a video ends: put together, or given up, and told to the ledger.
#include "base/digest.h"
#include "base/fail_point.h"
#include "base/log.h"
#include "base/path_text.h"
#include "pipeline/finish_video.h"
#include "pipeline/graph/flow_graph.h"
#include "pipeline/results_writer.h"
#include "pipeline/video_errors.h"
#include "pipeline/video_flow.h"

namespace reelmill {
namespace {

QuarantineReason reason_of(const RunContext& context, const VideoError& error) {
  return {context.plan.source.spec->id, error.failure_class, error.error.message};
}

Result<std::string> hash_of(const VideoFile& file) {
  if (fail_point("input.hash", file.key))
    return fail(ErrorKind::unavailable, "read {}: a test says so", path_to_line(file.key));
  return sha256_file(file.path);
}

}  // namespace

bool VideoFlow::assemble(const std::shared_ptr<SegmentScan>& scan) {
  if (scan->is_abandoned) return false;
  const auto& job = scan->job;
  if (scan->failure)  // its neighbours need not go on
    for (const auto& other : job->scans) other->control->interrupt();
  if (job->scans_left.fetch_sub(1) != 1 || job->has_ended()) return false;
  try {
    return conclude(job);
  } catch (const std::exception& error) {
    return conclude_failure(job, fault(error.what()));
  }
}

bool VideoFlow::conclude(const std::shared_ptr<VideoJob>& job) {
  // The first real failure speaks for the video; the others were interrupted because of it.
  const VideoError* failure = nullptr;
  for (const auto& scan : job->scans)
    if (scan->failure && (failure == nullptr || failure->failure_class == "interrupted"))
      failure = &*scan->failure;
  if (failure != nullptr) return conclude_failure(job, *failure);
  for (const auto& scan : job->scans)
    if (scan->answers && scan->answers->is_cancelled())
      return conclude_failure(
          job, {"interrupted", Error{ErrorKind::cancelled, "stopped while a model was asked"}});
  if (auto changed = changed_since_listed(job->file)) return conclude_failure(job, *changed);
  context_.storage.was_read(job->file.path);
  if (const auto why = why_not_joined(*job); !why.empty()) return scan_again(job, why);
  if (auto nothing = nothing_decoded(*job)) return conclude_failure(job, *nothing);
  if (job->sound_alone) return conclude_with_sound(job);
  if (context_.spec.hash_input) {
    auto hash = hash_of(job->file);
    if (!hash) return conclude_failure(job, read_failure(std::move(hash).error()));
    job->sha256 = std::move(*hash);
  }
  const auto begin = context_.clock.now();
  auto finished = finish_video(*job, context_.plan, context_.spec, context_.output_folders);
  job->work_s += to_seconds(context_.clock.now() - begin);
  if (!finished) {
    const auto kind = finished.error().kind;
    const bool is_output =
        kind == ErrorKind::exhausted || kind == ErrorKind::denied || kind == ErrorKind::unavailable;
    return conclude_failure(job, {is_output ? "output" : "analysis", std::move(finished).error()});
  }
  if (!job->end()) return false;
  finish(*job);
  job->analyzed = std::move(*finished);
  return true;
}

bool VideoFlow::conclude_with_sound(const std::shared_ptr<VideoJob>& job) {
  auto finished = analyze_again(*job);
  if (!finished || !*finished)
    return scan_again(job, finished ? "its timeline is gone" : finished.error().message);
  if (!job->end()) return false;
  finish(*job);
  job->analyzed = std::move(**finished);
  context_.counters.reanalyzed += 1;
  return true;
}

void VideoFlow::finish(VideoJob& job) {
  for (const auto& scan : job.scans) {
    job.decode_cpu_s += scan->outcome->decode_cpu_s;
    job.waste_cpu_s += scan->outcome->waste_cpu_s;
    job.frames += scan->outcome->frames;
    job.work_s += to_seconds(scan->busy);
  }
  context_.prediction.add(job.predicted_work_s, job.work_s);
  spdlog::debug("{}: a worker had it for {:.4f} s; {:.4f} s were predicted",
                path_to_line(job.file.key), job.work_s, job.predicted_work_s);
  if (job.is_read_in_full()) ++context_.counters.read_in_full;
}

bool VideoFlow::scan_again(const std::shared_ptr<VideoJob>& job, const std::string& why) {
  spdlog::debug("{}: scanned again: {}", path_to_line(job->file.key), why);
  for (const auto& scan : job->scans) {
    job->waste_cpu_s += scan->outcome->decode_cpu_s + scan->outcome->waste_cpu_s;
    job->work_s += to_seconds(scan->busy);
    context_.counters.frames -= scan->outcome->frames + scan->outcome->held_frames;
  }
  if (job->sound_alone) {
    job->may_stand = false;
  } else {  // one piece after another did not fit
    job->may_split = false;
    job->why_in_full = why;
  }
  job->open_control = std::make_shared<ReadControl>();
  queue_->push({job, -1});
  return false;
}

bool VideoFlow::conclude_failure(const std::shared_ptr<VideoJob>& job, const VideoError& error) {
  const bool is_root_gone =
      (error.failure_class == "vanished" || error.failure_class == "unreadable") &&
      context_.storage.is_root_gone(job->file.path);
  if ((error.failure_class == "storage" || is_root_gone) && !context_.is_stopping()) {
    spdlog::debug("{}: {}", path_to_line(job->file.key), error.error.message);
    retry_(job);
    return false;
  }
  if (!job->end()) return false;
  if (error.failure_class == "output") {
    context_.stop(StopReason::failed, error.error.message);
    job->is_released = true;
  } else if (error.failure_class == "interrupted" || error.failure_class == "storage" ||
             is_root_gone) {
    job->is_released = true;
  } else {
    quarantine(*job, error);
  }
  return true;
}

void VideoFlow::quarantine(VideoJob& job, const VideoError& error) {
  job.quarantine = reason_of(context_, error);
  // What an earlier version of the file left must not stand beside its failure.
  if (auto removed = remove_results(context_.options.output, job.file.key); !removed)
    context_.stop(StopReason::failed, removed.error().message);
}

void VideoFlow::commit(const std::shared_ptr<VideoJob>& job) {
  auto done = [this, job](Status status) { committed(job, status); };
  context_.counters.decode_cpu_ns += static_cast<std::int64_t>(job->decode_cpu_s * 1e9);
  context_.counters.waste_cpu_ns += static_cast<std::int64_t>(job->waste_cpu_s * 1e9);
  if (job->is_released)
    context_.ledger.release(job->file, std::move(done));
  else if (job->quarantine)
    context_.ledger.record_quarantined(job->file, *job->quarantine, std::move(done));
  else
    context_.ledger.record_analyzed(*job->analyzed, std::move(done));
}

void VideoFlow::committed(const std::shared_ptr<VideoJob>& job, const Status& status) {
  auto& counters = context_.counters;
  if (!status) {
    context_.stop(StopReason::failed, status.error().message);
    counters.released += 1;
  } else if (job->is_released) {
    counters.released += 1;
  } else if (job->quarantine) {
    counters.quarantined += 1;
    const auto& reason = *job->quarantine;
    spdlog::warn("{}: {} ({})", path_to_line(job->file.key), reason.message, reason.failure_class);
    context_.add_failure({job->file.key, reason.stage, reason.failure_class, reason.message});
  } else {
    bool has_uploads = false;
    for (const auto& claim : job->analyzed->uploads)
      has_uploads = has_uploads || !claim.items.empty();
    (has_uploads ? counters.pending : counters.done) += 1;
    if (job->analyzed->status == "partial") counters.partial += 1;
    counters.media_ms += static_cast<std::int64_t>(job->media_s * 1000);
    if (has_uploads) graph_->committed();
  }
  counters.bytes_done += job->file.bytes;
  ended_(*job);
  job->scans.clear();  // a job and its scans point at each other
  job->lease.give_back();
}

}  // namespace reelmill
