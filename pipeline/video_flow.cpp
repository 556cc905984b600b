// SPDX-License-Identifier: Apache-2.0
#include "pipeline/video_flow.h"

#include <sys/stat.h>

#include "base/digest.h"
#include "base/fail_point.h"
#include "base/file_time.h"
#include "base/log.h"
#include "base/path_text.h"
#include "pipeline/finish_video.h"
#include "pipeline/frame_lane.h"
#include "pipeline/graph/flow_graph.h"
#include "pipeline/results_writer.h"
#include "pipeline/time_prediction.h"

namespace reelmill {
namespace {

/// Hands what a scan decodes to the graph's analyze node, and sound straight to its observers.
class EmittingSink final : public ScanSink {
 public:
  EmittingSink(SegmentScan& scan, RunCounters& counters,
               const std::function<void(const FrameMessage&)>& emit)
      : scan_(scan), counters_(counters), emit_(emit) {}
  void on_frame(Frame& frame, std::int64_t pts, std::int64_t duration) override {
    emit_(FrameMessage{&scan_, &frame, pts, duration});
    counters_.frames.fetch_add(1, std::memory_order_relaxed);
  }
  void on_held(std::int64_t pts, Held held) override {
    scan_.held.hold(pts, held);
    counters_.frames.fetch_add(1, std::memory_order_relaxed);
  }
  void on_audio(const AudioView& audio, double stream_time_s) override {
    observe_audio(scan_, audio, stream_time_s);
  }

 private:
  SegmentScan& scan_;
  RunCounters& counters_;
  const std::function<void(const FrameMessage&)>& emit_;
};

QuarantineReason reason_of(const RunContext& context, const VideoError& error) {
  return {context.plan.source.spec->id, error.failure_class, error.error.message};
}

VideoError stalled(const RunContext& context, std::string_view how) {
  return {"stalled", Error{ErrorKind::timeout,
                           fmt::format("no packet, frame or byte for {}: {}",
                                       format_duration(context.spec.watchdog.stall_timeout), how)}};
}

VideoError fault(const char* what) {
  return {"internal", Error{ErrorKind::internal, fmt::format("fault of this program: {}", what)}};
}

/// How the file differs from what it was when the run began, if it does.
std::optional<VideoError> changed_since_listed(const VideoFile& file) {
  struct stat now{};
  if (::stat(file.path.c_str(), &now) != 0)
    return VideoError{"vanished", Error{ErrorKind::not_found, "vanished while it was read"}};
  if (static_cast<std::uint64_t>(now.st_size) == file.bytes && modified_ns(now) == file.mtime_ns)
    return {};
  return VideoError{
      "changed",
      Error{
          ErrorKind::invalid_input,
          fmt::format(
              "changed during the run ({} bytes when listed, {} now): the next run reads it again",
              file.bytes, now.st_size)}};
}

/// Why a file that was decoded could not be read again, as its classes of failure have it.
VideoError read_failure(Error error) {
  const char* name = error.kind == ErrorKind::not_found     ? "vanished"
                     : error.kind == ErrorKind::unavailable ? "storage"
                                                            : "unreadable";
  return {name, std::move(error)};
}

Result<std::string> hash_of(const VideoFile& file) {
  if (fail_point("input.hash", file.key))
    return fail(ErrorKind::unavailable, "read {}: a test says so", path_to_line(file.key));
  return sha256_file(file.path);
}

}  // namespace

VideoFlow::VideoFlow(RunContext& context, Retry retry, Ended ended)
    : context_(context), retry_(std::move(retry)), ended_(std::move(ended)) {}

void VideoFlow::connect(WorkQueue& queue, FlowGraph& graph, std::vector<FrameLane*> lanes) {
  queue_ = &queue;
  graph_ = &graph;
  lanes_ = std::move(lanes);
}

void VideoFlow::start(WorkItem item) {
  if (item.segment < 0)
    graph_->open(std::move(item.job));
  else
    graph_->decode(item.job->scans[static_cast<std::size_t>(item.segment)]);
}

double VideoFlow::segment_length(const VideoJob& job) const {
  if (!job.may_split || !context_.plan.can_split || context_.options.split == SplitMode::never)
    return 0;
  const Duration configured =
      context_.options.segment_length.value_or(context_.spec.limits.segment_length);
  if (context_.options.split == SplitMode::always || configured == Duration{0})
    return to_seconds(configured);
  const auto left =
      static_cast<double>(context_.counters.bytes_found - context_.counters.bytes_done);
  const auto own = static_cast<double>(job.file.bytes);
  // While other work keeps every worker busy, cutting only costs: seams are decoded twice.
  const bool others_suffice = left - own >= own * (context_.options.workers - 1);
  if (context_.options.workers < 2 || others_suffice) return 0;
  return to_seconds(configured);
}

Result<std::optional<AnalyzedVideo>> VideoFlow::analyze_again(VideoJob& job) {
  auto stored = stored_analysis(job.file, context_.plan, context_.spec, context_.options.output);
  if (!stored || changed_since_listed(job.file)) return std::nullopt;
  try {
    REELMILL_ASSIGN(auto video, finish_again(job, std::move(*stored), context_.plan, context_.spec,
                                             context_.output_folders));
    return std::optional(std::move(video));
  } catch (const std::exception& error) {
    return fail(fault(error.what()).error);
  }
}

bool VideoFlow::conclude_without_scan(const std::shared_ptr<VideoJob>& job) {
  auto finished = analyze_again(*job);
  if (finished && !*finished) return false;
  if (!finished) {
    spdlog::debug("{}: scanned again: {}", path_to_line(job->file.key), finished.error().message);
    return false;
  }
  if (!job->end()) return true;
  job->analyzed = std::move(**finished);
  context_.counters.reanalyzed += 1;
  graph_->commit(job);
  return true;
}

void VideoFlow::open(const std::shared_ptr<VideoJob>& job) {
  if (!context_.is_stopping() && conclude_without_scan(job)) {
    queue_->finished();
    return;
  }
  Watchdog::Watch watch(context_.watchdog, job->open_control, [this, job] { write_off(job); });
  const auto begin = context_.clock.now();
  VideoResult<PlannedVideo> planned = tl::unexpected(fault("not opened"));
  try {
    if (context_.is_stopping()) job->open_control->interrupt();
    planned = context_.plan.frame_source->plan(
        {job->file, context_.plan.needs, segment_length(*job), !job->may_split, job->open_control});
  } catch (const std::exception& error) {
    planned = tl::unexpected(fault(error.what()));
  }
  const auto verdict = watch.end();
  if (verdict == Watchdog::Verdict::written_off) return;
  if (!planned) return fail_open(job, std::move(planned).error(), verdict);
  job->plan = std::move(planned->plan);
  job->work_s += to_seconds(context_.clock.now() - begin);
  if (job->may_split) job->predicted_work_s = predicted_work_s(*job->plan);
  job->waste_cpu_s += job->plan->decode_cpu_s;
  job->scans.clear();
  for (const auto& segment : job->plan->segments) {
    auto scan = std::make_shared<SegmentScan>();
    scan->job = job;
    scan->segment = segment;
    scan->queued_at = context_.clock.now();
    job->scans.push_back(std::move(scan));
  }
  job->scans.front()->opened = std::move(planned->opened);
  job->scans_left = static_cast<int>(job->scans.size());
  const int segments = static_cast<int>(job->scans.size());
  for (int i = 0; i < segments; ++i) queue_->push({job, i});
  queue_->finished();
}

void VideoFlow::fail_open(const std::shared_ptr<VideoJob>& job, VideoError error,
                          Watchdog::Verdict verdict) {
  if (verdict == Watchdog::Verdict::stalled)
    error = stalled(context_, "opening it was interrupted");
  queue_->finished();
  if (conclude_failure(job, error)) graph_->commit(job);
}

void VideoFlow::decode(const std::shared_ptr<SegmentScan>& scan,
                       const std::function<void(const FrameMessage&)>& emit) {
  scan->started_at = context_.clock.now();
  context_.plan.source.meter->waited(scan->started_at - scan->queued_at);
  const auto job = scan->job;
  Watchdog::Watch watch(context_.watchdog, scan->control, [this, job] { write_off(job); });
  if (context_.is_stopping() || job->has_ended()) scan->control->interrupt();
  try {
    this->scan(*scan, emit);
  } catch (const std::exception& error) {
    scan->failure = fault(error.what());
  }
  const auto verdict = watch.end();
  if (verdict == Watchdog::Verdict::written_off) {
    scan->is_abandoned = true;
    return;
  }
  if (verdict == Watchdog::Verdict::stalled && scan->failure)
    scan->failure = stalled(context_, "reading it was interrupted");
  scan->busy = context_.clock.now() - scan->started_at;
  meter(*scan, scan->busy);
  queue_->finished();
}

void VideoFlow::scan(SegmentScan& scan, const std::function<void(const FrameMessage&)>& emit) {
  const ScanPlan& plan = *scan.job->plan;
  fail_point("decode.begin", scan.job->file.key);
  begin_scan(scan, context_.plan, context_.options.output);
  if (!scan.segment.reads_video && !scan.segment.reads_audio) {
    scan.outcome.emplace();
    return;
  }
  EmittingSink sink(scan, context_.counters, emit);
  auto outcome = context_.plan.frame_source->scan(
      {plan, scan.segment, sink, scan.control, std::move(scan.opened)});
  end_scan(scan);
  if (scan.scratch_error)
    scan.failure = VideoError{"output", *scan.scratch_error};
  else if (!outcome)
    scan.failure = std::move(outcome).error();
  else
    scan.outcome = std::move(*outcome);
}

void VideoFlow::analyze(const FrameMessage& message) noexcept {
  observe_frame(message, context_.plan);
}

void VideoFlow::sample(const FrameMessage& message, std::size_t model) noexcept {
  SegmentScan& scan = *message.scan;
  const auto slot = scan.samplers[model].choose(message.frame->is_key(), scan.view->time_s);
  if (!slot || scan.scratch_error) return;
  const auto begin = std::chrono::steady_clock::now();
  const auto offered =
      lanes_[model]->offer({*scan.view, scan.answers, model, scan.job->file.key,
                            reinterpret_cast<std::uintptr_t>(scan.job.get()), *slot});
  if (!offered) {
    scan.scratch_error = offered.error();
    scan.control->interrupt();
  }
  const Duration busy = std::chrono::steady_clock::now() - begin;
  scan.observing_ns += busy.count();
  context_.plan.models[model]->meter->worked(busy);
}

bool VideoFlow::awaits_answers(const std::shared_ptr<SegmentScan>& scan) {
  if (scan->answers == nullptr) return false;
  if (scan->failure || scan->is_abandoned) {
    scan->answers->abandon();
    return false;
  }
  return !scan->answers->close([this, scan] { graph_->answered(scan); });
}

void VideoFlow::meter(const SegmentScan& scan, Duration busy) {
  const auto& plan = context_.plan;
  plan.source.meter->put_out(busy - Duration(scan.observing_ns));
  for (std::size_t i = 0; i < plan.frame_observers.size(); ++i)
    plan.frame_observers[i]->meter->worked(Duration(scan.observer_ns[i]));
  for (std::size_t i = 0; i < plan.audio_observers.size(); ++i)
    plan.audio_observers[i]->meter->worked(
        Duration(scan.observer_ns[plan.frame_observers.size() + i]));
}

void VideoFlow::write_off(const std::shared_ptr<VideoJob>& job) {
  context_.add_note("a worker is stuck in " + path_to_line(job->file.key) + " and was replaced");
  graph_->replace_worker();
  queue_->finished();
  if (!job->end()) return;
  quarantine(*job, stalled(context_, "its worker did not come back and was replaced"));
  graph_->commit(job);
}

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
  spdlog::debug("{}: scanned again in one piece: {}", path_to_line(job->file.key), why);
  for (const auto& scan : job->scans) {
    job->waste_cpu_s += scan->outcome->decode_cpu_s + scan->outcome->waste_cpu_s;
    job->work_s += to_seconds(scan->busy);
    context_.counters.frames -= scan->outcome->frames + scan->outcome->held_frames;
  }
  job->may_split = false;
  job->why_in_full = why;
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
