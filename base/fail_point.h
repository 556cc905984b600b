// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace reelmill {

/// A named place where a test can make this process die, stall or fail, to prove what survives.
/// `REELMILL_FAIL_POINTS=assemble.renamed=kill@3;decode.packet=stall/clip.mp4` in the environment
/// arms them: `kill` ends the process as SIGKILL does, `crash` raises SIGSEGV, `stall` blocks the
/// thread for ever, `late` for 200 ms, `error` makes the point return true; `@N` acts on the N-th
/// visit only, `/TEXT` only where `detail` contains TEXT. Costs one load when nothing is armed.
/// Thread-safe.
bool fail_point(std::string_view name, std::string_view detail = {}) noexcept;

}  // namespace reelmill
