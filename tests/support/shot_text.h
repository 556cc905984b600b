// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "stages/api/findings.h"
#include "stages/api/timeline.h"

namespace reelmill::test {

using ShotOptions = std::vector<std::pair<std::string, std::string>>;

/// What the stage `shots` finds in a timeline, with these options.
std::vector<Shot> shots_of(const Timeline& timeline, const ShotOptions& options = {});

/// `75 cut, 110 fade`: where its shots begin after the first.
std::string boundaries(const Timeline& timeline, const ShotOptions& options = {});

}  // namespace reelmill::test
