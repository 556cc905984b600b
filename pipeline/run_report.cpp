// SPDX-License-Identifier: Apache-2.0
#include "pipeline/run_report.h"

#include <ctime>
#include <fstream>

#include <spdlog/fmt/chrono.h>

#include "base/cores.h"
#include "base/counted.h"
#include "pipeline/bottleneck.h"

namespace reelmill {
namespace {

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

std::string what_is_missing(std::int64_t unreadable_folders, std::int64_t quarantined) {
  const std::string videos = quarantined > 0 ? "some videos are in quarantine" : "";
  if (unreadable_folders == 0) return videos;
  return videos + (quarantined > 0 ? " and " : "but ") + counted(unreadable_folders, "folder") +
         " could not be read";
}

std::string outcome_text(const RunContext& context, const FinalTally& tally, RunEnd end) {
  switch (end) {
    case RunEnd::done:
      return "all done";
    case RunEnd::quarantined:
      return "finished, " + what_is_missing(context.counters.unreadable_folders, tally.quarantined);
    case RunEnd::uploads_pending:
      return "finished but for what waits for a service";
    case RunEnd::deadline:
      return "stopped by the deadline, the next run goes on";
    case RunEnd::interrupted:
      return "interrupted, the next run goes on";
    case RunEnd::failed:
      return "stopped: " + context.stop_message();
  }
  return "";
}

}  // namespace

Result<FinalTally> tally(const Ledger& ledger, const std::vector<VideoFile>& videos) {
  FinalTally tally;
  for (const auto& video : videos) {
    REELMILL_ASSIGN(const auto known, ledger.find(video.path));
    const auto state = known ? known->state : VideoState::unfinished;
    switch (state) {
      case VideoState::done:
        ++tally.done;
        break;
      case VideoState::quarantined:
        ++tally.quarantined;
        break;
      case VideoState::uploads_pending:
        ++tally.pending;
        break;
      case VideoState::in_flight:
      case VideoState::unfinished:
        ++tally.unfinished;
        break;
    }
  }
  return tally;
}

RunEnd end_of(const RunContext& context, const FinalTally& tally) {
  switch (context.stop_reason()) {
    case StopReason::interrupted:
      return RunEnd::interrupted;
    case StopReason::deadline:
      return RunEnd::deadline;
    case StopReason::failed:
      return RunEnd::failed;
    case StopReason::none:
      break;
  }
  if (tally.pending > 0) return RunEnd::uploads_pending;
  const bool is_all_known = context.counters.unreadable_folders == 0;
  return tally.quarantined > 0 || !is_all_known ? RunEnd::quarantined : RunEnd::done;
}

RunReport make_report(const RunContext& context, const FinalTally& tally, const RunTimes& times) {
  const auto& counters = context.counters;
  RunReport report;
  report.run = {times.id,
                times.started,
                times.finished,
                context.spec.name,
                outcome_text(context, tally, end_of(context, tally)),
                times.wall_s,
                cpu_name(),
                usable_cores(),
                context.options.workers,
                context.options.output.native()};
  auto& videos = report.videos;
  videos.found = counters.found;
  videos.skipped = counters.skipped;
  videos.done = std::max<std::int64_t>(0, tally.done - counters.skipped);
  videos.partial = counters.partial;
  videos.reanalyzed = counters.reanalyzed;
  videos.quarantined = tally.quarantined;
  videos.pending = tally.pending;
  videos.unfinished = tally.unfinished;
  const double wall = std::max(times.wall_s, 1e-9);
  auto& throughput = report.throughput;
  throughput.frames = counters.frames;
  throughput.media_s = static_cast<double>(counters.media_ms) / 1000;
  throughput.bytes = counters.bytes_done;
  throughput.videos_per_hour = static_cast<double>(counters.done + counters.pending) / wall * 3600;
  throughput.frames_per_second = static_cast<double>(throughput.frames) / wall;
  throughput.times_realtime = throughput.media_s / wall;
  throughput.bytes_per_second = static_cast<double>(throughput.bytes) / wall;
  auto& light = report.speed_of_light;
  light.decode_cpu_s = static_cast<double>(counters.decode_cpu_ns) * 1e-9;
  light.decode_waste_cpu_s = static_cast<double>(counters.waste_cpu_ns) * 1e-9;
  light.process_cpu_s = times.process_cpu_s;
  light.cores = std::min(context.options.workers, usable_cores());
  const bool is_sparse = context.plan.needs.frames != DecoderNeeds::Frames::all;
  if (!is_sparse && light.decode_cpu_s > 0) light.ratio = light.decode_cpu_s / (light.cores * wall);
  report.stages.push_back(context.plan.source.meter->report(context.plan.source.spec->id,
                                                            context.plan.source.spec->use));
  for (const auto& stage : context.plan.stages)
    report.stages.push_back(stage.meter->report(stage.spec->id, stage.spec->use));
  report.uploads.objects = counters.objects_uploaded;
  report.uploads.bytes = counters.bytes_uploaded;
  report.failures = context.failures();
  report.notes = context.notes();
  report.prediction = context.prediction.report();
  if (counters.read_in_full > 0)
    report.notes.push_back(fmt::format("videos without effect of fast: {}; their results say why",
                                       counters.read_in_full.load()));
  report.peak_resident_bytes = peak_resident_bytes();
  return report;
}

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(std::time(nullptr)));
}

}  // namespace reelmill
