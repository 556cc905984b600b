// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

namespace {

// Fail points are read once, at the first visit: armed before main, for files by these names only.
[[maybe_unused]] const int armed = ::setenv(
    "REELMILL_FAIL_POINTS", "media.read=error/failing-storage;media.read=error@16/late-failure", 1);

}  // namespace
