// SPDX-License-Identifier: Apache-2.0
#include "pipeline/run.h"

#include <condition_variable>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/cores.h"
#include "base/counted.h"
#include "base/digest.h"
#include "base/durable_folders.h"
#include "base/log.h"
#include "base/random.h"
#include "pipeline/batching_report.h"
#include "pipeline/bottleneck.h"
#include "pipeline/crash_marker.h"
#include "pipeline/feeder.h"
#include "pipeline/frame_lane.h"
#include "pipeline/graph/flow_graph.h"
#include "pipeline/output_paths.h"
#include "pipeline/quarantine_file.h"
#include "pipeline/run_context.h"
#include "pipeline/run_report.h"
#include "pipeline/state_place.h"
#include "pipeline/storage_retry.h"
#include "pipeline/upload_lane.h"
#include "pipeline/video_flow.h"
#include "resilience/guard_registry.h"

namespace reelmill {
namespace {

/// Workers that may be stuck for ever before the run is short of threads.
constexpr int kSpareWorkers = 16;
constexpr std::size_t kMaxGuardEvents = 100;

double process_cpu_seconds() {
  struct rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + time.tv_usec * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

/// The parts of a run in the order in which they are made; they end in the opposite order.
struct Run::State {
  State(const PipelineSpec& spec_, RunOptions options_, ProgressStyle style_, Clock& clock_)
      : spec(spec_), options(std::move(options_)), style(style_), clock(clock_) {}

  Status prepare();
  Status remove_orphans();
  void assemble_parts();
  void start_lanes();
  std::shared_ptr<Guard> guard_for(const StageSpec& stage);
  Status drop_uploads_of_removed_stages();
  void feed();
  void wait_for_videos();
  void wait_for_lanes();
  void release(const std::shared_ptr<VideoJob>& job);
  void stop_what_is_in_flight();
  void job_ended();
  Result<RunResult> finish(const RunTimes& times);

  const PipelineSpec& spec;
  RunOptions options;
  const ProgressStyle style;
  Clock& clock;

  SourceListing listing;
  std::unique_ptr<Ledger> ledger;
  std::optional<CrashMarker> crash_marker;
  std::optional<Watchdog> watchdog;
  std::optional<StorageWatch> storage;
  std::optional<RunContext> context;
  std::optional<Admission> admission;
  std::optional<GuardRegistry> guards;
  std::optional<VideoFlow> flow;
  std::optional<StorageRetry> storage_retry;
  std::optional<WorkQueue> queue;
  FlowGraph* graph =
      nullptr;  // leaked when a thread is stuck in it: its destructor would wait for ever
  std::unique_ptr<FlowGraph> owned_graph;
  std::vector<std::unique_ptr<UploadLane>> lanes;
  std::vector<std::unique_ptr<FrameLane>> frame_lanes;  // as AnalysisPlan::models
  std::optional<Progress> progress;
  std::optional<Feeder> feeder;

  std::mutex mutex;
  std::condition_variable_any changed;
  std::map<std::string, std::vector<std::string>> guard_events;
  std::int64_t jobs_started = 0, jobs_ended = 0;
  bool is_fed = false, has_stuck_threads = false;
  Clock::time_point began;
};

Run::Run(const PipelineSpec& spec, RunOptions options, ProgressStyle style, Clock& clock)
    : state_(std::make_unique<State>(spec, std::move(options), style, clock)) {}

Run::~Run() = default;

Status Run::prepare() {
  return state_->prepare();
}

std::int64_t Run::found() const {
  return static_cast<std::int64_t>(state_->listing.videos.size());
}

std::string Run::why_nothing_was_found() const {
  std::string text;
  for (const auto& note : state_->listing.notes) text += "; " + note;
  if (state_->listing.ignored > 0)
    text += fmt::format("; {} passed over: --include '**' takes every file",
                        counted(state_->listing.ignored, "file was", "files were"));
  return text;
}

bool Run::has_stuck_threads() const {
  return state_->has_stuck_threads;
}

void Run::interrupt() {
  if (state_->context) state_->context->stop(StopReason::interrupted);
}

Status Run::State::prepare() {
  if (options.workers <= 0) options.workers = usable_cores();
  options.source.include.insert(options.source.include.end(), spec.include.begin(),
                                spec.include.end());
  options.source.exclude.insert(options.source.exclude.end(), spec.exclude.begin(),
                                spec.exclude.end());
  options.output = absolute_folder(options.output);
  options.source.output = options.output;
  REELMILL_TRY(check_state_place(options.output, options.state));
  if (options.state.empty()) options.state = options.output;
  REELMILL_ASSIGN(listing, list_videos(options.source));
  if (listing.videos.empty()) return {};
  REELMILL_TRY(make_folder_durably(options.output));
  REELMILL_ASSIGN(ledger, Ledger::open(options.state));
  REELMILL_TRY(keep_state_place(options.output, options.state));
  REELMILL_TRY(leave_out_gone(listing, *ledger));
  if (listing.videos.empty()) return {};
  REELMILL_TRY(remove_orphans());
  for (const auto& stage : spec.stages)
    if (stage.configured.parts.call_stage != nullptr)
      REELMILL_TRY(stage.configured.parts.call_stage->prepare());
    else if (stage.configured.parts.frame_call_stage != nullptr)
      REELMILL_TRY(stage.configured.parts.frame_call_stage->prepare());
  watchdog.emplace(Watchdog::Options{spec.watchdog.stall_timeout}, clock);
  storage.emplace(listing.roots);
  context.emplace(spec, options, *ledger, *watchdog, *storage, clock);
  for (const auto& note : listing.notes) context->add_note(note);
  if (auto note = context->plan.note(); !note.empty()) context->add_note(std::move(note));
  context->counters.found = static_cast<std::int64_t>(listing.videos.size());
  context->counters.unreadable_folders = listing.unreadable_folders;
  return {};
}

/// What an earlier run left unfinished: temporaries, and results that the ledger never heard of.
Status Run::State::remove_orphans() {
  for (const char* folder : {"results", "artifacts", "timelines"})
    REELMILL_TRY(remove_temporaries(options.output / folder).map([](std::size_t) {}));
  return {};
}

void Run::State::assemble_parts() {
  crash_marker.emplace(options.output);
  const int in_flight = spec.limits.max_videos_in_flight > 0 ? spec.limits.max_videos_in_flight
                                                             : 4 * options.workers + 4;
  admission.emplace(Admission::Limits{in_flight, spec.limits.max_bytes_in_flight.value});
  storage_retry.emplace(
      *context,
      [this](std::shared_ptr<VideoJob> job) {
        job->open_control = std::make_shared<ReadControl>();
        queue->push({std::move(job), -1});
      },
      [this](std::shared_ptr<VideoJob> job) {
        if (!job->end()) return;
        job->quarantine =
            QuarantineReason{context->plan.source.spec->id, "storage",
                             "could not be read, though its storage answers for other files"};
        graph->commit(std::move(job));
      });
  flow.emplace(
      *context, [this](std::shared_ptr<VideoJob> job) { storage_retry->add(std::move(job)); },
      [this](const VideoJob&) { job_ended(); });
  queue.emplace(options.workers, [this](WorkItem item) { flow->start(std::move(item)); });
  FlowBodies bodies;
  bodies.open = [this](std::shared_ptr<VideoJob> job) { flow->open(job); };
  bodies.decode = [this](std::shared_ptr<SegmentScan> scan, const auto& emit) {
    flow->decode(scan, emit);
  };
  bodies.analyze = [this](const FrameMessage& message) { flow->analyze(message); };
  bodies.assemble = [this](std::shared_ptr<SegmentScan> scan) { return flow->assemble(scan); };
  bodies.commit = [this](std::shared_ptr<VideoJob> job) { flow->commit(job); };
  start_lanes();
  for (auto& lane : lanes) bodies.wake_lane[lane->id()] = [lane = lane.get()] { lane->wake(); };
  std::vector<FrameLane*> models;
  for (std::size_t i = 0; i < frame_lanes.size(); ++i) {
    models.push_back(frame_lanes[i].get());
    bodies.sample[models.back()->id()] = [this, i](const FrameMessage& frame) {
      flow->sample(frame, i);
    };
  }
  if (!models.empty())
    bodies.awaits_answers = [this](const auto& scan) { return flow->awaits_answers(scan); };
  owned_graph = std::make_unique<FlowGraph>(make_graph_plan(spec, options.workers),
                                            std::move(bodies), options.workers, kSpareWorkers);
  graph = owned_graph.get();
  flow->connect(*queue, *graph, std::move(models));
  feeder.emplace(*context, *admission, *storage_retry, crash_marker->last_end(),
                 [this](std::shared_ptr<VideoJob> job) {
                   {
                     std::lock_guard lock(mutex);
                     ++jobs_started;
                   }
                   if (job->is_released || context->is_stopping())
                     release(job);
                   else
                     queue->push({std::move(job), -1});
                 });
  progress.emplace(style, context->counters, clock, [this] {
    const auto counts = ledger->counts();
    return counts ? counts->pending_objects : 0;
  });
}

std::shared_ptr<Guard> Run::State::guard_for(const StageSpec& stage) {
  const auto named = spec.guards.find(stage.guard);
  // A stage without a guard may bear the name of one that others use.
  const auto own = spec.guards.contains(stage.id) ? stage.id + " (default)" : stage.id;
  auto made = named == spec.guards.end() ? guards->get_or_create(own, unattended_guard_options())
                                         : guards->get_or_create(stage.guard, named->second);
  return made ? *made : nullptr;  // the options were validated with the configuration
}

/// Their rows would keep videos waiting for a lane that does not exist.
Status Run::State::drop_uploads_of_removed_stages() {
  std::vector<std::string> ids;
  for (const auto* call : context->plan.calls) ids.push_back(call->spec->id);
  REELMILL_ASSIGN(const auto dropped, ledger->drop_uploads_except(ids));
  if (dropped > 0)
    context->add_note(
        fmt::format("{} waited for a stage that the configuration no longer has: not sent",
                    counted(dropped, "file")));
  return {};
}

void Run::State::start_lanes() {
  guards.emplace(clock);
  guards->on_event([this](const GuardEvent& event) {
    spdlog::warn("guard {}: {}", event.guard, event.text());
    for (auto& lane : lanes) lane->guard_changed();
    for (auto& lane : frame_lanes) lane->guard_changed();
    std::lock_guard lock(mutex);
    auto& events = guard_events[event.guard];
    if (events.size() < kMaxGuardEvents)
      events.push_back(fmt::format("{:.1f} s: {}", to_seconds(event.at - began), event.text()));
  });
  for (const auto* model : context->plan.models)
    frame_lanes.push_back(std::make_unique<FrameLane>(*context, *model, guard_for(*model->spec),
                                                      spec.limits.max_frame_memory.value));
  for (const auto* call : context->plan.calls) {
    const std::string id = call->spec->id;
    lanes.push_back(std::make_unique<UploadLane>(
        *context, *call, guard_for(*call->spec), [this, id](std::function<void()> settle) {
          graph->settle(id, SettledCall{std::move(settle)});
        }));
  }
}

void Run::State::job_ended() {
  std::lock_guard lock(mutex);
  ++jobs_ended;
  changed.notify_all();
}

void Run::State::release(const std::shared_ptr<VideoJob>& job) {
  if (!job->end()) return;
  job->is_released = true;
  graph->commit(job);
}

void Run::State::feed() {
  feeder->run(listing.videos);
  std::ignore = ledger->flush();  // every mark has been answered: all jobs have started
  std::lock_guard lock(mutex);
  is_fed = true;
  changed.notify_all();
}

void Run::State::stop_what_is_in_flight() {
  for (auto& item : queue->clear()) release(item.job);
  for (auto& job : storage_retry->take_all()) release(job);
  for (auto& lane : frame_lanes) lane->cancel();
  watchdog->interrupt_all();
}

void Run::State::wait_for_videos() {
  const auto all_ended = [this] { return is_fed && jobs_started == jobs_ended; };
  std::unique_lock lock(mutex);
  if (changed.wait(lock, context->stop_token(), all_ended)) return;
  // Stopping: what is nearly done may finish, the rest is let go of.
  const auto grace =
      context->stop_reason() == StopReason::failed ? Duration{0} : options.stop_grace;
  changed.wait_for(lock, grace, all_ended);
  while (!all_ended()) {
    lock.unlock();
    stop_what_is_in_flight();
    lock.lock();
    changed.wait_for(lock, std::chrono::milliseconds(100), all_ended);
  }
}

void Run::State::wait_for_lanes() {
  for (auto& lane : lanes) lane->no_more(spec.limits.drain_timeout);
  for (auto& lane : lanes) lane->wait_until_settled(context->stop_token());
}

Result<RunResult> Run::execute() {
  State& run = *state_;
  RunTimes times{hex64(static_cast<std::uint64_t>(default_random().uniform() * 0x1.0p63)),
                 utc_now(), "", 0, 0};
  run.began = run.clock.now();
  const double cpu_before = process_cpu_seconds();
  run.assemble_parts();
  REELMILL_TRY(run.ledger->begin_run(times.id));
  REELMILL_TRY(run.drop_uploads_of_removed_stages());
  std::jthread watchdog([&](std::stop_token stop) { run.watchdog->run(stop); });
  std::jthread progress([&](std::stop_token stop) { run.progress->run(stop); });
  std::jthread storage([&](std::stop_token stop) { run.storage_retry->run(stop); });
  std::jthread deadline([&](std::stop_token stop) {
    if (run.options.deadline && run.clock.sleep_until(*run.options.deadline, stop))
      run.context->stop(StopReason::deadline);
  });
  for (auto& lane : run.frame_lanes) lane->start();
  for (auto& lane : run.lanes) lane->start();
  std::jthread feeder([&] { run.feed(); });
  run.wait_for_videos();
  for (auto& lane : run.frame_lanes) lane->stop();
  run.wait_for_lanes();
  for (auto& lane : run.lanes) lane->stop();
  run.graph->wait_until_settled();  // else the tally below may come before what arrived
  for (auto* thread : {&progress, &storage, &deadline}) thread->request_stop();
  feeder.join();
  progress.join();
  if (run.watchdog->lost() == 0) run.graph->wait();
  watchdog.request_stop();
  times.finished = utc_now();
  times.wall_s = to_seconds(run.clock.now() - run.began);
  times.process_cpu_s = process_cpu_seconds() - cpu_before;
  return run.finish(times);
}

Result<RunResult> Run::State::finish(const RunTimes& times) {
  RunResult result;
  // Before anything can fail: the graph's destructor would wait for the thread that is stuck.
  has_stuck_threads = watchdog->lost() > 0;
  if (has_stuck_threads) std::ignore = owned_graph.release();
  if (auto flushed = ledger->flush(); !flushed)
    context->stop(StopReason::failed, flushed.error().message);
  REELMILL_ASSIGN(const auto final_tally, tally(*ledger, listing.videos));
  result.end = end_of(*context, final_tally);
  result.report = make_report(*context, final_tally, times);
  for (const auto& guard : guards->snapshot()) {
    auto& report = result.report.guards.emplace_back(guard_report(guard, began));
    report.events = guard_events[guard.name];
    if (!guard.message.empty())
      result.report.uploads.message =
          fmt::format("guard {} needs an operator: {}", guard.name, guard.message);
  }
  for (const auto& lane : frame_lanes) {
    result.report.batching.push_back(lane->batching());
    result.report.frame_memory.push_back({lane->id(), spec.limits.max_frame_memory.value,
                                          lane->memory_high_water(), lane->disk_high_water()});
  }
  for (const auto& lane : lanes) result.report.batching.push_back(lane->batching());
  const auto activity = ledger->activity();
  result.report.batching.push_back(
      batching_report("ledger", activity.batching, activity.transactions));
  if (const auto counts = ledger->counts())
    result.report.uploads.pending = static_cast<std::uint64_t>(counts->pending_objects);
  result.report.samples = progress->samples();
  result.report.bottleneck = find_bottleneck(result.report);
  REELMILL_TRY(write_quarantine_file(*ledger, options.output / "quarantine.jsonl"));
  REELMILL_TRY(
      write_file_durably(options.output / "report.json", to_json(result.report).dump(2) + "\n"));
  ledger->end_run();
  return result;
}

}  // namespace reelmill
