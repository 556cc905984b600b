// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/guard_report.h"
#include "pipeline/prediction_score.h"

namespace reelmill {

/// One stage in a report. Times in seconds of this run.
struct StageReport {
  std::string id, use;
  int lanes = 0;  ///< threads of its own; 0 = it works on the cores
  std::int64_t in = 0, out = 0, failed = 0;
  double busy_s = 0;  ///< working, summed over threads
  double waiting_s =
      0;  ///< items waiting for a thread, a permit or a connection, summed over items
  std::optional<double> p50_ms, p95_ms;  ///< time of one item
};

/// One batch of those that a batching edge remembers of its run.
struct BatchingSample {
  double at_s = 0;
  int size = 0, target = 0;       ///< items sent, items wanted
  std::optional<double> took_ms;  ///< service time; nothing: it did not come back served
  std::string reason;
};

/// What batches of an edge cost, by the line b + a·n; and how good its sizes were.
struct BatchingCost {
  double a_ms = 0;   ///< an item
  double b_ms = 0;   ///< a batch
  double error = 0;  ///< median relative distance from the line
};
struct BatchingEfficiency {
  double score = 1;  ///< share of the service time that the best permitted size would have needed
  double amortisation = 1, fill = 1, success = 1, speed = 1;  ///< its factors
};

/// One batching edge.
struct BatchingReport {
  std::string stage, strategy;
  std::uint64_t batches = 0, items = 0;
  double mean_size = 0;
  std::vector<std::pair<std::string, std::uint64_t>> reasons;  ///< batches by reason of leaving
  int target = 0;                                              ///< items wanted at the end
  std::optional<BatchingCost> cost;
  std::optional<BatchingEfficiency> efficiency;
  std::string bound;              ///< what keeps batches from being larger: an option, or `cost`
  double headroom = 0;            ///< share of the service time that twice the bound would save
  std::uint64_t over_target = 0;  ///< batches that took longer than target_processing_time
  std::uint64_t regime_changes = 0;
  std::vector<std::string> warnings;
  std::vector<BatchingSample> sizes;  ///< over the run, at most 60, evenly thinned
};

/// Where frames waited that were on their way to a model.
struct FrameMemoryReport {
  std::string stage;
  std::uint64_t limit_bytes = 0;                   ///< of memory
  std::uint64_t memory_bytes = 0, disk_bytes = 0;  ///< the most at any time
};

/// A video that failed in this run.
struct FailureReport {
  std::string video;  ///< key, raw bytes
  std::string stage, failure_class, message;
};

/// What held the run back most.
struct Bottleneck {
  std::string stage;    ///< id; empty when nothing did
  double share = 0;     ///< of the time of what it uses (cores, its lanes), 0 to 1
  std::string because;  ///< a sentence for people
};

/// How the run went, second by second, thinned to at most 600 points.
struct ReportSample {
  double at_s = 0;
  std::int64_t videos_done = 0, frames = 0, uploads_pending = 0;
  std::uint64_t resident_bytes = 0;
};

/// Everything report.json says. Plain data; the run fills it, to_json and to_text show it.
struct RunReport {
  struct {
    std::string id, started, finished, config;
    std::string outcome;  ///< in words: `all done`
    double wall_s = 0;
    std::string cpu;
    int cores = 0;
    int workers = 0;
    std::string output;  ///< the output folder, raw bytes
  } run;
  struct {
    std::int64_t found = 0, done = 0, partial = 0, reanalyzed = 0, skipped = 0, quarantined = 0,
                 pending = 0, unfinished = 0;
  } videos;
  struct {
    double videos_per_hour = 0, frames_per_second = 0, times_realtime = 0, bytes_per_second = 0;
    std::int64_t frames = 0;
    double media_s = 0;
    std::uint64_t bytes = 0;
  } throughput;
  struct {
    double decode_cpu_s = 0, decode_waste_cpu_s = 0, process_cpu_s = 0;
    int cores = 0;
    std::optional<double> ratio;
  } speed_of_light;
  PredictionScore::Report prediction;
  Bottleneck bottleneck;
  struct {
    std::uint64_t objects = 0, bytes = 0, pending = 0;
    std::string message;
  } uploads;
  std::uint64_t peak_resident_bytes = 0;
  std::vector<StageReport> stages;
  std::vector<GuardReport> guards;
  std::vector<BatchingReport> batching;
  std::vector<ReportSample> samples;
  std::vector<FailureReport> failures;
  std::vector<FrameMemoryReport> frame_memory;
  std::vector<std::string> notes;  ///< for the operator: why a leg paused, what degraded
};

inline constexpr int kReportSchema = 1;

/// The `report.json` of the schema, keys in fixed order, all texts UTF-8.
nlohmann::ordered_json to_json(const RunReport& report);
/// Reads report.json back; nullopt where it is none.
std::optional<RunReport> report_from_json(const nlohmann::ordered_json& json);
/// What a person reads at the end of a run: at most 48 lines of 100 characters.
std::string to_text(const RunReport& report);

}  // namespace reelmill
