// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <hwy/highway.h>

namespace reelmill::test {

/// Lets only one instruction set be chosen while it lives.
class OnlyTarget {
 public:
  explicit OnlyTarget(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
  }
  ~OnlyTarget() {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  OnlyTarget(const OnlyTarget&) = delete;
  OnlyTarget& operator=(const OnlyTarget&) = delete;
};

/// One bit each.
inline std::vector<std::int64_t> targets_of_this_machine() {
  std::vector<std::int64_t> targets;
  for (auto left = hwy::SupportedTargets(); left != 0; left &= left - 1)
    targets.push_back(left & -left);
  return targets;
}

}  // namespace reelmill::test
