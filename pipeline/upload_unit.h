// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/ledger.h"
#include "resilience/retry.h"

namespace reelmill {

/// What succeeds, fails and is tried again as one: a file that waits for a service, or all files of
/// a video where the service wants them together.
struct UploadUnit {
  std::vector<PendingUpload> files;  ///< at least one
  Clock::time_point queued_at;
  std::optional<RetrySession> session = {};  ///< from its first attempt on
  Clock::time_point began = {};              ///< the session
  int fruitless_rounds = 0;                  ///< sessions that gave up while others were served
};

}  // namespace reelmill
