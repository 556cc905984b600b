// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pipeline/report.h"
#include "resilience/batch_history.h"
#include "resilience/batch_snapshot.h"

namespace reelmill {

/// What the report says of one batching edge.
BatchingReport batching_report(std::string stage, const BatchSnapshot& snapshot,
                               const BatchHistory& history);

}  // namespace reelmill
