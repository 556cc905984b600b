// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pipeline/report.h"
#include "pipeline/run.h"
#include "pipeline/run_context.h"

namespace reelmill {

/// What the ledger says of the listed videos at the end of a run.
struct FinalTally {
  std::int64_t done = 0, quarantined = 0, pending = 0, unfinished = 0;
};
Result<FinalTally> tally(const Ledger& ledger, const std::vector<VideoFile>& videos);

struct RunTimes {
  std::string id, started, finished;  ///< UTC, ISO 8601
  double wall_s = 0, process_cpu_s = 0;
};

/// The report without samples, guards and batching, which their owners add.
RunReport make_report(const RunContext& context, const FinalTally& tally, const RunTimes& times);

RunEnd end_of(const RunContext& context, const FinalTally& tally);

/// `2026-01-31T08:15:00Z`, now.
std::string utc_now();

}  // namespace reelmill
