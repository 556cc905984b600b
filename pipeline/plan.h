// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "pipeline/feeder.h"
#include "pipeline/run_options.h"
#include "pipeline/spec.h"
#include "stages/api/frame_source.h"

namespace reelmill {

/// How much of a video is decoded: less than all where an earlier run kept the rest.
enum class Decoding { all, sound, none };

/// What a run would do with one video.
struct PlannedRow {
  VideoFile file;
  Decision decision = Decision::process;
  std::string failure;           ///< why it would end in quarantine, as far as headers say
  std::string container, video;  ///< `h264 1280×720 30 fps`
  std::string audio;             ///< `aac 48000 Hz 2 ch`
  double duration_s = 0;         ///< as claimed
  int segments = 1;
  Reading reading = Reading::in_full;
  std::string why_in_full;  ///< as ScanPlan::why_in_full
  Decoding decoding = Decoding::all;
  std::uint64_t disk_bytes = 0;  ///< estimate of what OUT grows by
  double work_s = 0;             ///< estimate of one core's time (time_prediction.h)
};

struct PlanSummary {
  std::int64_t found = 0, to_process = 0, to_skip = 0, failing = 0;
  std::int64_t beyond_limit = 0;  ///< left for later runs; no row is called for them
  double media_s = 0;
  double work_s = 0;  ///< of one core, for all to process
  int cores = 1;      ///< that the run would use
  double wall_s = 0;  ///< on these
  std::uint64_t input_bytes = 0, disk_bytes = 0;
  std::uint64_t disk_free = 0;  ///< where OUT is or would be
  std::vector<std::string> notes;
};

/// Looks at every video's headers, at the ledger and at what earlier runs kept, if there is any.
/// Writes nothing. `row` is called for each within the limit, in order.
Result<PlanSummary> plan_run(const PipelineSpec& spec, const RunOptions& options,
                             const std::function<void(const PlannedRow&)>& row);

std::string_view to_string(Decision decision) noexcept;

}  // namespace reelmill
