// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "pipeline/analysis_plan.h"
#include "pipeline/analysis_store.h"
#include "pipeline/results_writer.h"
#include "pipeline/video_job.h"

namespace reelmill {

/// A video from first to last frame, as its stages see it once it was scanned, in this run or in an
/// earlier one.
struct WholeVideo {
  const VideoFile& file;
  const ScanSummary& summary;
  const Timeline* timeline = nullptr;  ///< nullptr where there is none, or it is empty
  /// As AnalysisPlan::frame_observers and audio_observers; nullptr where the stage's record stands.
  std::vector<std::unique_ptr<FrameObserver>> frame_observers = {};
  std::vector<std::unique_ptr<AudioObserver>> audio_observers = {};
  std::function<Result<Frame>(std::int64_t pts)> frame_at = {};
  std::vector<Findings> models = {};  ///< as AnalysisPlan::models; empty where their records stand
};

/// Takes a whole video through its stages: what the observers saw, what models said, then
/// the detectors on the timeline, then the video stages. A stage whose record stands
/// (StageRecord::hash) is not run again: its findings and artifacts are taken over. Used once.
class AnalysisPass {
 public:
  /// `standing`: what earlier runs made of this video; may be empty.
  AnalysisPass(const AnalysisPlan& plan, ResultsWriter& files, StageRecords standing)
      : plan_(plan), files_(files), standing_(std::move(standing)) {}

  /// Errors: not_found where an artifact of a standing record is gone; those of the stages and of
  /// ResultsWriter::write.
  Status run(WholeVideo& video);

  const Findings& findings() const { return findings_; }
  /// One for each stage that is not a call.
  StageRecords take_records() { return std::move(records_); }

 private:
  /// The stage's record in this pass: the standing one, or a new one to be filled.
  StageRecord& record_of(const RunStage& stage);
  bool stands(const RunStage& stage) const;
  void collect_observers(WholeVideo& video);
  void collect_models(WholeVideo& video);
  Status run_detectors(const WholeVideo& video);
  Status run_video_stages(const WholeVideo& video);
  Status run_video_stage(const RunStage& stage, const WholeVideo& video);

  const AnalysisPlan& plan_;
  ResultsWriter& files_;
  StageRecords standing_, records_;
  Findings findings_;
};

/// What stages need beside what is stored of a video.
enum class Rerun { as_stored, with_sound };

/// How the stages of a plan can run on what is stored of a video: each stage's record stands, or
/// needs no frames to be made anew, and perhaps the sound. Nothing where a stage needs frames.
std::optional<Rerun> rerun_of(const StoredAnalysis& stored, const AnalysisPlan& plan);

/// What a scan is for whose sound rerun_of() asked for.
SoundAlone sound_alone(const StoredAnalysis& stored, const AnalysisPlan& plan);

/// The frame observers that rerun_of() promised, as they were left.
std::vector<std::unique_ptr<FrameObserver>> restored_observers(const StoredAnalysis& stored,
                                                               const AnalysisPlan& plan);

}  // namespace reelmill
