// SPDX-License-Identifier: Apache-2.0
#include "base/path_text.h"
#include "pipeline/report.h"

namespace reelmill {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json texts(const std::vector<std::string>& lines) {
  Json list = Json::array();
  for (const auto& line : lines) list.push_back(valid_utf8(line));
  return list;
}

template <class Item, class Convert>
Json list_of(const std::vector<Item>& items, Convert convert) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(convert(item));
  return list;
}

Json stage_json(const StageReport& stage) {
  return Json{{"id", stage.id},
              {"use", stage.use},
              {"in", stage.in},
              {"out", stage.out},
              {"failed", stage.failed},
              {"busy_s", stage.busy_s},
              {"waiting_s", stage.waiting_s},
              {"p50_ms", or_null(stage.p50_ms)},
              {"p95_ms", or_null(stage.p95_ms)},
              {"lanes", stage.lanes}};
}

Json cost_json(const std::optional<BatchingCost>& cost) {
  if (!cost) return nullptr;
  return Json{{"a_ms", cost->a_ms}, {"b_ms", cost->b_ms}, {"error", cost->error}};
}

Json efficiency_json(const std::optional<BatchingEfficiency>& efficiency) {
  if (!efficiency) return nullptr;
  return Json{{"score", efficiency->score},
              {"amortisation", efficiency->amortisation},
              {"fill", efficiency->fill},
              {"success", efficiency->success},
              {"speed", efficiency->speed}};
}

Json batch_sample_json(const BatchingSample& sample) {
  return Json{{"at_s", sample.at_s},
              {"size", sample.size},
              {"target", sample.target},
              {"took_ms", or_null(sample.took_ms)},
              {"reason", sample.reason}};
}

Json batching_json(const BatchingReport& batching) {
  Json reasons = Json::object();
  for (const auto& [reason, count] : batching.reasons) reasons[reason] = count;
  return Json{{"stage", batching.stage},
              {"strategy", batching.strategy},
              {"batches", batching.batches},
              {"items", batching.items},
              {"mean_size", batching.mean_size},
              {"reasons", std::move(reasons)},
              {"target", batching.target},
              {"cost", cost_json(batching.cost)},
              {"efficiency", efficiency_json(batching.efficiency)},
              {"bound", batching.bound},
              {"headroom", batching.headroom},
              {"over_target", batching.over_target},
              {"regime_changes", batching.regime_changes},
              {"warnings", texts(batching.warnings)},
              {"sizes", list_of(batching.sizes, batch_sample_json)}};
}

Json sample_json(const ReportSample& sample) {
  return Json{{"at_s", sample.at_s},
              {"videos_done", sample.videos_done},
              {"frames", sample.frames},
              {"uploads_pending", sample.uploads_pending},
              {"resident_bytes", sample.resident_bytes}};
}

Json frame_memory_json(const FrameMemoryReport& memory) {
  return Json{{"stage", memory.stage},
              {"limit_bytes", memory.limit_bytes},
              {"memory_bytes", memory.memory_bytes},
              {"disk_bytes", memory.disk_bytes}};
}

Json failure_json(const FailureReport& failure) {
  return Json{{"video", path_to_text(failure.video)},
              {"stage", failure.stage},
              {"class", failure.failure_class},
              {"message", valid_utf8(failure.message)}};
}

Json prediction_json(const PredictionScore::Report& prediction) {
  return Json{{"videos", prediction.videos},
              {"predicted_s", prediction.predicted_s},
              {"took_s", prediction.took_s},
              {"median_error", or_null(prediction.median_error)},
              {"scaled_error", or_null(prediction.scaled_error)}};
}

}  // namespace

nlohmann::ordered_json to_json(const RunReport& report) {
  const auto& [run, videos, throughput, light, prediction, bottleneck, uploads, peak, stages,
               guards, batching, samples, failures, frame_memory, notes] = report;
  return Json{{"schema", kReportSchema},
              {"run", Json{{"id", run.id},
                           {"started", run.started},
                           {"finished", run.finished},
                           {"wall_s", run.wall_s},
                           {"host", Json{{"cpu", valid_utf8(run.cpu)}, {"cores", run.cores}}},
                           {"workers", run.workers},
                           {"config", valid_utf8(run.config)},
                           {"output", path_to_text(run.output)},
                           {"outcome", valid_utf8(run.outcome)}}},
              {"videos", Json{{"found", videos.found},
                              {"done", videos.done},
                              {"skipped", videos.skipped},
                              {"quarantined", videos.quarantined},
                              {"partial", videos.partial},
                              {"reanalyzed", videos.reanalyzed},
                              {"pending", videos.pending},
                              {"unfinished", videos.unfinished}}},
              {"throughput", Json{{"videos_per_hour", throughput.videos_per_hour},
                                  {"frames_per_second", throughput.frames_per_second},
                                  {"times_realtime", throughput.times_realtime},
                                  {"bytes_per_second", throughput.bytes_per_second},
                                  {"frames", throughput.frames},
                                  {"media_s", throughput.media_s},
                                  {"bytes", throughput.bytes}}},
              {"prediction", prediction_json(prediction)},
              {"speed_of_light", Json{{"decode_cpu_s", light.decode_cpu_s},
                                      {"cores", light.cores},
                                      {"ratio", or_null(light.ratio)},
                                      {"decode_waste_cpu_s", light.decode_waste_cpu_s},
                                      {"process_cpu_s", light.process_cpu_s}}},
              {"stages", list_of(stages, stage_json)},
              {"bottleneck", Json{{"stage", bottleneck.stage},
                                  {"share", bottleneck.share},
                                  {"because", valid_utf8(bottleneck.because)}}},
              {"guards", list_of(guards, [](const GuardReport& guard) { return to_json(guard); })},
              {"batching", list_of(batching, batching_json)},
              {"samples", list_of(samples, sample_json)},
              {"failures", list_of(failures, failure_json)},
              {"uploads", Json{{"objects", uploads.objects},
                               {"bytes", uploads.bytes},
                               {"pending", uploads.pending},
                               {"message", valid_utf8(uploads.message)}}},
              {"frame_memory", list_of(frame_memory, frame_memory_json)},
              {"peak_resident_bytes", peak},
              {"notes", texts(notes)}};
}

}  // namespace reelmill
