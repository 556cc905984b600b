// SPDX-License-Identifier: Apache-2.0
#include "cli/background.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

namespace reelmill {

void work_in_background() {
  // From linux/ioprio.h: class idle for this whole process.
  constexpr int kWhoProcess = 1, kIdleClass = 3 << 13;
  if (::setpriority(PRIO_PROCESS, 0, 19) != 0)
    spdlog::warn("--background: the CPU priority could not be lowered");
  if (::syscall(SYS_ioprio_set, kWhoProcess, 0, kIdleClass) != 0)
    spdlog::warn("--background: the I/O priority could not be lowered");
}

}  // namespace reelmill
