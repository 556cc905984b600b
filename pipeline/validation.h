// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pipeline/spec.h"

namespace reelmill {

/// What validate_stages() works on: the stages, resolved against a registry, with the piece of
/// configuration each came from.
struct StageDraft {
  StageSpec spec;
  std::size_t position = 0;          ///< in the file
  const ConfigNode* node = nullptr;  ///< for lines; outlives the draft
};

/// How the stages stand on each other: ids, references, cycles, which kind may stand on which, what
/// a stage needs of others, and which guards are used. Pure; `sink` is at the top of the file.
/// Returns the stages in an order in which every stage stands after what it needs; the order means
/// something only when there was no problem.
std::vector<StageSpec> validate_stages(std::vector<StageDraft> drafts, const ConfigNode* guards,
                                       const ProblemSink& sink);

/// Fills in StageSpec::hash and PipelineSpec::analysis_hash: a hash of everything that can change
/// results, and of nothing else. Stages stand in a valid order.
void compute_hashes(PipelineSpec& spec);

}  // namespace reelmill
