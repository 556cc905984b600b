// SPDX-License-Identifier: Apache-2.0
#include "pipeline/video_flow.h"

#include "base/fail_point.h"
#include "base/log.h"
#include "base/path_text.h"
#include "pipeline/finish_video.h"
#include "pipeline/frame_lane.h"
#include "pipeline/graph/flow_graph.h"
#include "pipeline/time_prediction.h"
#include "pipeline/video_errors.h"

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

DecoderNeeds needs_of_sound() {
  DecoderNeeds needs;
  needs.frames = DecoderNeeds::Frames::none;
  needs.audio = true;
  return needs;
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
  const bool is_heard = job.sound_alone.has_value();
  auto standing =
      standing_analysis(job.file, context_.plan, context_.spec, context_.options.output);
  if (!standing || changed_since_listed(job.file)) return std::nullopt;
  if (standing->rerun == Rerun::with_sound && !is_heard) {
    job.sound_alone = sound_alone(standing->stored, context_.plan);
    return std::nullopt;
  }
  auto heard = is_heard ? std::move(job.scans.front()->audio_observers) : AudioObservers();
  try {
    REELMILL_ASSIGN(auto video,
                    finish_again(job, std::move(standing->stored), std::move(heard), context_.plan,
                                 context_.spec, context_.output_folders));
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
  job->sound_alone.reset();
  if (!context_.is_stopping() && job->may_stand && conclude_without_scan(job)) {
    queue_->finished();
    return;
  }
  Watchdog::Watch watch(context_.watchdog, job->open_control, [this, job] { write_off(job); });
  const auto begin = context_.clock.now();
  const auto needs = job->sound_alone ? needs_of_sound() : context_.plan.needs;
  const double length_s = job->sound_alone ? 0 : segment_length(*job);
  VideoResult<PlannedVideo> planned = tl::unexpected(fault("not opened"));
  try {
    if (context_.is_stopping()) job->open_control->interrupt();
    planned = context_.plan.frame_source->plan(
        {job->file, needs, length_s, !job->may_split, job->open_control});
  } catch (const std::exception& error) {
    planned = tl::unexpected(fault(error.what()));
  }
  const auto verdict = watch.end();
  if (verdict == Watchdog::Verdict::written_off) return;
  if (!planned) return fail_open(job, std::move(planned).error(), verdict);
  job->plan = std::move(planned->plan);
  job->work_s += to_seconds(context_.clock.now() - begin);
  if (job->may_split && !job->sound_alone) job->predicted_work_s = predicted_work_s(*job->plan);
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
    error = stalled(context_.spec.watchdog.stall_timeout, "opening it was interrupted");
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
    scan->failure = stalled(context_.spec.watchdog.stall_timeout, "reading it was interrupted");
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
  quarantine(*job, stalled(context_.spec.watchdog.stall_timeout,
                           "its worker did not come back and was replaced"));
  graph_->commit(job);
}

}  // namespace reelmill
