// SPDX-License-Identifier: Apache-2.0
#include "pipeline/analysis_plan.h"

namespace reelmill {

AnalysisPlan::AnalysisPlan(const PipelineSpec& spec) {
  stages.reserve(spec.stages.size());  // the lists below point into it
  for (const auto& stage : spec.stages) {
    const StageParts& parts = stage.configured.parts;
    if (parts.frame_source != nullptr) {
      source.spec = &stage;
      frame_source = parts.frame_source;
      continue;
    }
    RunStage& added = stages.emplace_back();
    added.spec = &stage;
    needs = needs | parts.needs;
    if (parts.make_frame_observer) {
      frame_observers.push_back(&added);
      can_split = can_split && parts.merges;
    }
    if (parts.make_audio_observer) audio_observers.push_back(&added);
    if (parts.frame_call_stage != nullptr) models.push_back(&added);
    if (parts.detector != nullptr) detectors.push_back(&added);
    if (parts.video_stage != nullptr) video_stages.push_back(&added);
    if (parts.call_stage != nullptr) calls.push_back(&added);
  }
  if (!detectors.empty()) needs.frames = DecoderNeeds::Frames::all;
  if (!frame_observers.empty() && needs.frames == DecoderNeeds::Frames::none)
    needs.frames = DecoderNeeds::Frames::all;
  if (!audio_observers.empty()) needs.audio = true;
  needs_timeline = needs.frames != DecoderNeeds::Frames::none;
}

}  // namespace reelmill
