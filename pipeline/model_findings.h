// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/analysis_plan.h"
#include "pipeline/video_job.h"

namespace reelmill {

/// What the models said of a video.
struct ModelFindings {
  /// As AnalysisPlan::models: under `infer` and the stage's id its frames in order, each with its
  /// number in the video, its time, and its outputs or why there are none; and warnings of the
  /// latter. Empty where the video was not looked at.
  std::vector<Findings> findings;
  std::vector<const RunStage*> pending;  ///< models that the next run has to ask again
};

ModelFindings collect_models(const VideoJob& job, const AnalysisPlan& plan);

/// Whether some frame has no outputs, in this run's findings or in those kept from an earlier one.
bool has_unanswered_frames(const Findings& findings);

}  // namespace reelmill
