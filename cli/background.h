// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reelmill {

/// Gives way to everything else on this machine: lowest CPU priority, idle I/O class.
void work_in_background();

}  // namespace reelmill
