// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/durable_folders.h"
#include "pipeline/analysis_pass.h"
#include "pipeline/analysis_plan.h"
#include "pipeline/analysis_store.h"
#include "pipeline/video_job.h"

namespace reelmill {

/// Puts a scanned video together: joins the segments' timelines and observers, runs detectors and
/// video stages, writes artifacts and results to disk. What is returned is durable and may be told
/// to the ledger. Errors: exhausted, denied, unavailable where OUT cannot be written; anything else
/// is about the video.
Result<AnalyzedVideo> finish_video(VideoJob& job, const AnalysisPlan& plan,
                                   const PipelineSpec& spec, DurableFolders& output);

/// What an earlier run kept of a video, and what its stages need beside that.
struct StandingAnalysis {
  StoredAnalysis stored;
  Rerun rerun = Rerun::as_stored;
};

/// Of this very file, if the plan's stages need no more than that and the sound.
std::optional<StandingAnalysis> standing_analysis(const VideoFile& file, const AnalysisPlan& plan,
                                                  const PipelineSpec& spec,
                                                  const std::filesystem::path& output);

using AudioObservers = std::vector<std::unique_ptr<AudioObserver>>;

/// The same as finish_video, without a scan or after one of the sound: stages whose configuration
/// changed run on what is stored and on what was heard, the findings and artifacts of the others
/// are taken over. The bytes are those that a scan of all would have led to. Errors: not_found
/// where an artifact is gone (then scan all), and as finish_video.
Result<AnalyzedVideo> finish_again(VideoJob& job, StoredAnalysis stored, AudioObservers heard,
                                   const AnalysisPlan& plan, const PipelineSpec& spec,
                                   DurableFolders& output);

/// Empty when the segments join exactly; otherwise why not.
std::string why_not_joined(const VideoJob& job);

/// Why nothing of a scanned video is of use, if so: no frame, no sound.
std::optional<VideoError> nothing_decoded(const VideoJob& job);

}  // namespace reelmill
