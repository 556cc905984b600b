// SPDX-License-Identifier: Apache-2.0
#include "base/clock_time.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

namespace reelmill {

std::string clock_time(double seconds) {
  constexpr double kLongest = 359'999.999;
  const auto ms = seconds > 0 ? std::llround(std::min(seconds, kLongest) * 1000) : 0;
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60,
                     ms % 1000);
}

}  // namespace reelmill
