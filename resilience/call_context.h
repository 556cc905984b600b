// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include "base/clock.h"

namespace reelmill {

/// What a call may know of its circumstances: until when, until told to stop, for the how-many-th
/// time.
struct CallContext {
  Clock::time_point deadline = Clock::time_point::max();
  std::stop_token stop;
  int attempt = 1;
};

}  // namespace reelmill
