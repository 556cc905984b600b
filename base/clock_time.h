// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace reelmill {

/// `hh:mm:ss.mmm`, as WebVTT writes times: 0 to 99:59:59.999; what is no time is 0.
std::string clock_time(double seconds);

}  // namespace reelmill
