// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "pipeline/progress.h"
#include "pipeline/run_options.h"
#include "pipeline/spec.h"

namespace reelmill {

/// How a run ended.
enum class RunEnd {
  done,             ///< everything is done
  quarantined,      ///< everything ended, some videos in quarantine or some folders unreadable
  uploads_pending,  ///< analysis is done, something waits for a service
  failed,           ///< the run could not go on: the report's outcome says why
  deadline,
  interrupted
};

struct RunResult {
  RunEnd end = RunEnd::done;
  RunReport report;
};

/// One run of a configuration over inputs: lists, feeds, analyzes, uploads, reports. Owns every
/// thread of it.
class Run {
 public:
  Run(const PipelineSpec& spec, RunOptions options, ProgressStyle style, Clock& clock);
  ~Run();

  /// Lists the inputs and opens the output. Errors: not_found (no such input), rejected (another
  /// run has OUT), denied, ...
  Status prepare();
  /// How many videos were found.
  std::int64_t found() const;
  /// For a person, when nothing was: what was passed over, and the cure.
  std::string why_nothing_was_found() const;
  /// Works until everything ended, the deadline, or interrupt().
  Result<RunResult> execute();
  /// After execute(), however it ended: threads are stuck inside a call, and the process must leave
  /// with _Exit, since nothing will join them.
  bool has_stuck_threads() const;
  /// Ends the run early and resumably; may be called from another thread.
  void interrupt();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reelmill
