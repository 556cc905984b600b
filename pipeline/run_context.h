// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "base/durable_folders.h"
#include "pipeline/analysis_plan.h"
#include "pipeline/ledger.h"
#include "pipeline/prediction_score.h"
#include "pipeline/run_counters.h"
#include "pipeline/run_options.h"
#include "pipeline/storage_watch.h"
#include "pipeline/watchdog.h"

namespace reelmill {

/// Why a run stops before it is done.
enum class StopReason { none, interrupted, deadline, failed };

/// What the parts of one run share. Owned by the run, outlives its parts. Thread-safe.
struct RunContext {
  RunContext(const PipelineSpec& spec_, const RunOptions& options_, Ledger& ledger_,
             Watchdog& watchdog_, StorageWatch& storage_, Clock& clock_)
      : spec(spec_),
        options(options_),
        plan(spec_),
        ledger(ledger_),
        watchdog(watchdog_),
        storage(storage_),
        clock(clock_),
        output_folders(options_.output) {}

  const PipelineSpec& spec;
  const RunOptions& options;
  AnalysisPlan plan;
  Ledger& ledger;
  Watchdog& watchdog;
  StorageWatch& storage;
  Clock& clock;
  DurableFolders output_folders;
  RunCounters counters;
  PredictionScore prediction;

  /// The first reason wins; later calls change nothing. Wakes whoever waits with stop_token().
  void stop(StopReason reason, std::string message = {});
  bool is_stopping() const { return stop_source.stop_requested(); }
  std::stop_token stop_token() const { return stop_source.get_token(); }
  StopReason stop_reason() const;
  std::string stop_message() const;

  void add_failure(FailureReport failure);
  std::vector<FailureReport> failures() const;
  /// Something the operator should read in the report; said once.
  void add_note(std::string note);
  std::vector<std::string> notes() const;

 private:
  std::stop_source stop_source;
  mutable std::mutex mutex_;
  StopReason reason_ = StopReason::none;
  std::string message_;
  std::vector<FailureReport> failures_;
  std::vector<std::string> notes_;
};

}  // namespace reelmill
