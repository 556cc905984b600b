// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pipeline/report.h"

namespace reelmill {

/// What held a run back most, from its report (wall time, cores, CPU time, stages), in this order:
/// the cores, when they were busy 80 % of the time or more, and the stage that used most of them; a
/// stage whose own lanes were busy as much; the storage, when the workers were occupied by the
/// source but the cores idle; otherwise nothing for long. The first of `stages` is the source.
/// Pure.
Bottleneck find_bottleneck(const RunReport& report);

}  // namespace reelmill
