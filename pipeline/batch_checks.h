// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pipeline/config_sections.h"
#include "pipeline/validation.h"

namespace reelmill {

/// What `batch:` of a call says against the rest of its stage and its guard: problems where it
/// cannot hold, warnings where it has no effect. Defaults that nobody wrote follow what is written.
void check_batch(StageDraft& draft, const GuardOptions* guard, const ProblemSink& stage);

}  // namespace reelmill
