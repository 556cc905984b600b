// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "fingerprint/duplicate_search.h"

namespace reelmill {

/// Groups of near-duplicates: videos joined by matches by bytes, or by what they share by picture
/// (by sound, where one of the two has no picture that says something), all parts together: half of
/// the longer; or half of the shorter, where the longer has not parts of others as well, as a
/// compilation has. Groups and their members in ascending order.
struct GroupRules {
  double least_share = 0.5;
};
std::vector<std::vector<std::uint32_t>> duplicate_groups(
    const std::vector<Match>& matches, const std::vector<double>& durations_s,
    const std::function<bool(std::uint32_t)>& has_pictures, const GroupRules& rules = {});

}  // namespace reelmill
