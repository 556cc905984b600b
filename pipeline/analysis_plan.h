// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/spec.h"
#include "pipeline/stage_meter.h"
#include "stages/api/frame_source.h"

namespace reelmill {

/// One stage of a run: what it is, and the meter of its work.
struct RunStage {
  const StageSpec* spec = nullptr;
  std::unique_ptr<StageMeter> meter = std::make_unique<StageMeter>();
  const StageParts& parts() const { return spec->configured.parts; }
};

/// A configuration taken apart into what happens to each video: the source, who looks at frames,
/// who hears sound, which models are asked, who works afterwards, who is called. Must not outlive
/// its spec. Immutable but for the meters; thread-safe.
struct AnalysisPlan {
  explicit AnalysisPlan(const PipelineSpec& spec);

  /// What a person should know of this plan; empty where there is nothing.
  std::string note() const;

  RunStage source;
  std::vector<RunStage> stages;  ///< all others, in the order of the spec
  std::vector<const RunStage*> frame_observers, audio_observers, models, detectors, video_stages,
      calls;
  std::shared_ptr<const FrameSource> frame_source;
  DecoderNeeds needs;                    ///< of all stages together
  const RunStage* fast_stage = nullptr;  ///< asked for frames around changes only
  const RunStage* full_stage = nullptr;  ///< the first that cannot do with these
  bool can_split = true;                 ///< every frame observer merges across segments
};

}  // namespace reelmill
