// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/durable_folders.h"
#include "pipeline/analysis_plan.h"
#include "pipeline/video_job.h"

namespace reelmill {

/// Puts a scanned video together: joins the segments' timelines and observers, runs detectors and
/// video stages, writes artifacts and results to disk. What is returned is durable and may be told
/// to the ledger. Errors: exhausted, denied, unavailable where OUT cannot be written; anything else
/// is about the video.
Result<AnalyzedVideo> finish_video(VideoJob& job, const AnalysisPlan& plan,
                                   const PipelineSpec& spec, DurableFolders& output);

/// Empty when the segments join exactly; otherwise why not.
std::string why_not_joined(const VideoJob& job);

/// Why nothing of a scanned video is of use, if so: no frame, no sound.
std::optional<VideoError> nothing_decoded(const VideoJob& job);

}  // namespace reelmill
