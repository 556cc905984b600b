// SPDX-License-Identifier: Apache-2.0
#include "base/cores.h"

#include <algorithm>
#include <thread>

#include <sched.h>

namespace reelmill {

int usable_cores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  // More cores than the set has room for.
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace reelmill
