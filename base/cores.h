// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reelmill {

/// Cores this process may run on.
int usable_cores();

}  // namespace reelmill
