// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string_view>

#include "base/clock.h"

namespace reelmill {

/// What a call may know of its circumstances: until when, until told to stop, for the how-many-th
/// time; and what its guard should know of the call.
struct CallContext {
  Clock::time_point deadline = Clock::time_point::max();
  std::stop_token stop = {};
  int attempt = 1;
  /// Which item the call is for. A guard counts refusals (`denied`, `exhausted`) on different
  /// items; without a name every call is taken for an item of its own.
  std::string_view item = {};
  double work_units = 1;          ///< size of the work, for the judgement of slow calls
  Duration expected_duration{0};  ///< what the call should take; 0 = not known
};

}  // namespace reelmill
