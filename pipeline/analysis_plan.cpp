// SPDX-License-Identifier: Apache-2.0
#include "pipeline/analysis_plan.h"

#include <fmt/format.h>

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
    auto wanted = parts.needs;
    const bool can_hold = wanted.frames == DecoderNeeds::Frames::around_changes;
    if (parts.detector != nullptr && !can_hold) wanted.frames = DecoderNeeds::Frames::all;
    if (can_hold) fast_stage = &added;
    const bool looks = parts.make_frame_observer || wanted.frames != DecoderNeeds::Frames::none;
    if (looks && !can_hold && full_stage == nullptr) full_stage = &added;
    needs = needs | wanted;
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
  if (fast_stage != nullptr && full_stage != nullptr) needs.frames = DecoderNeeds::Frames::all;
  if (!frame_observers.empty() && needs.frames == DecoderNeeds::Frames::none)
    needs.frames = DecoderNeeds::Frames::all;
  if (!audio_observers.empty()) needs.audio = true;
}

std::string AnalysisPlan::note() const {
  if (fast_stage == nullptr || full_stage == nullptr) return {};
  return fmt::format(
      "stage '{}' is fast without effect: stage '{}' needs frames that it leaves out",
      fast_stage->spec->id, full_stage->spec->id);
}

}  // namespace reelmill
