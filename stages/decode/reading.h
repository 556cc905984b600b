// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/api/frame_source.h"

namespace reelmill {

struct ReadingChoice {
  Reading reading = Reading::in_full;
  std::string why_in_full;  ///< as ScanPlan::why_in_full
};

/// The cheapest way of reading this video that gives what is asked for: a matter of the file and
/// the configuration alone, so that every machine chooses the same.
ReadingChoice choose_reading(const ScanPlan& plan, const Demuxer& opened,
                             const PlanRequest& request);

}  // namespace reelmill
