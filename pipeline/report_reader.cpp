// SPDX-License-Identifier: Apache-2.0
#include "pipeline/json_members.h"
#include "pipeline/report.h"

namespace reelmill {
namespace {

using Json = nlohmann::ordered_json;

using Members = JsonMembers;

void read_stage(Members json, StageReport& stage) {
  json.get("id", stage.id).get("use", stage.use).get("in", stage.in).get("out", stage.out);
  json.get("failed", stage.failed).get("busy_s", stage.busy_s).get("waiting_s", stage.waiting_s);
  json.get("p50_ms", stage.p50_ms).get("p95_ms", stage.p95_ms).get("lanes", stage.lanes);
}

void read_batch_sample(Members json, BatchingSample& sample) {
  json.get("at_s", sample.at_s).get("size", sample.size).get("target", sample.target);
  json.get("took_ms", sample.took_ms).get("reason", sample.reason);
}

void read_batching(Members json, BatchingReport& batching) {
  json.get("stage", batching.stage).get("strategy", batching.strategy);
  json.get("batches", batching.batches).get("items", batching.items);
  json.get("mean_size", batching.mean_size);
  json.each("reasons", [&](const std::string& reason, const Json& count) {
    batching.reasons.emplace_back(reason, count.get<std::uint64_t>());
  });
  json.get("target", batching.target).get("bound", batching.bound);
  json.get("headroom", batching.headroom).get("over_target", batching.over_target);
  json.get("regime_changes", batching.regime_changes).get("warnings", batching.warnings);
  if (json.has("cost")) {
    auto& cost = batching.cost.emplace();
    json.in("cost").get("a_ms", cost.a_ms).get("b_ms", cost.b_ms).get("error", cost.error);
  }
  if (json.has("efficiency")) {
    auto& efficiency = batching.efficiency.emplace();
    json.in("efficiency")
        .get("score", efficiency.score)
        .get("amortisation", efficiency.amortisation)
        .get("fill", efficiency.fill)
        .get("success", efficiency.success)
        .get("speed", efficiency.speed);
  }
  json.list("sizes", batching.sizes, read_batch_sample);
}

void read_sample(Members json, ReportSample& sample) {
  json.get("at_s", sample.at_s).get("videos_done", sample.videos_done);
  json.get("frames", sample.frames).get("uploads_pending", sample.uploads_pending);
  json.get("resident_bytes", sample.resident_bytes);
}

void read_failure(Members json, FailureReport& failure) {
  json.get_path("video", failure.video).get("stage", failure.stage);
  json.get("class", failure.failure_class).get("message", failure.message);
}

void read_frame_memory(Members json, FrameMemoryReport& memory) {
  json.get("stage", memory.stage).get("limit_bytes", memory.limit_bytes);
  json.get("memory_bytes", memory.memory_bytes).get("disk_bytes", memory.disk_bytes);
}

RunReport read(Members json) {
  RunReport report;
  auto& [run, videos, throughput, light, prediction, bottleneck, uploads, peak, stages, guards,
         batching, samples, failures, frame_memory, notes] = report;
  json.in("run").get("id", run.id).get("started", run.started).get("finished", run.finished);
  json.in("run").get("wall_s", run.wall_s).get("workers", run.workers).get("config", run.config);
  json.in("run").get_path("output", run.output).get("outcome", run.outcome);
  json.in("run").in("host").get("cpu", run.cpu).get("cores", run.cores);
  json.in("videos").get("found", videos.found).get("done", videos.done);
  json.in("videos").get("skipped", videos.skipped).get("quarantined", videos.quarantined);
  json.in("videos")
      .get("partial", videos.partial)
      .get("reanalyzed", videos.reanalyzed)
      .get("pending", videos.pending);
  json.in("videos").get("unfinished", videos.unfinished);
  json.in("throughput")
      .get("videos_per_hour", throughput.videos_per_hour)
      .get("frames_per_second", throughput.frames_per_second)
      .get("times_realtime", throughput.times_realtime)
      .get("bytes_per_second", throughput.bytes_per_second)
      .get("frames", throughput.frames)
      .get("media_s", throughput.media_s)
      .get("bytes", throughput.bytes);
  json.in("prediction")
      .get("videos", prediction.videos)
      .get("predicted_s", prediction.predicted_s)
      .get("took_s", prediction.took_s)
      .get("median_error", prediction.median_error)
      .get("scaled_error", prediction.scaled_error);
  json.in("speed_of_light").get("decode_cpu_s", light.decode_cpu_s).get("cores", light.cores);
  json.in("speed_of_light").get("ratio", light.ratio).get("process_cpu_s", light.process_cpu_s);
  json.in("speed_of_light").get("decode_waste_cpu_s", light.decode_waste_cpu_s);
  json.in("bottleneck").get("stage", bottleneck.stage).get("share", bottleneck.share);
  json.in("bottleneck").get("because", bottleneck.because);
  json.in("uploads").get("objects", uploads.objects).get("bytes", uploads.bytes);
  json.in("uploads").get("pending", uploads.pending).get("message", uploads.message);
  json.get("peak_resident_bytes", peak).get("notes", notes);
  json.list("stages", stages, read_stage);
  json.list("guards", guards,
            [](Members each, GuardReport& guard) { guard = guard_report_from_json(each.json()); });
  json.list("batching", batching, read_batching);
  json.list("samples", samples, read_sample);
  json.list("failures", failures, read_failure);
  json.list("frame_memory", frame_memory, read_frame_memory);
  return report;
}

}  // namespace

std::optional<RunReport> report_from_json(const nlohmann::ordered_json& json) {
  try {
    if (!json.is_object() || json.value("schema", 0) != kReportSchema || !json.contains("run"))
      return {};
    return read(Members(json));
  } catch (const Json::exception&) {
    return {};
  }
}

}  // namespace reelmill
