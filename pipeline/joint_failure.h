// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "stages/api/call_stage.h"

namespace reelmill {

inline bool is_same_error(const Error& a, const Error& b) {
  return a.kind == b.kind && a.message == b.message;
}

/// The error that several items of a call failed with alike while none arrived, or nullptr. It
/// speaks about the call, or about an item of which the service did not say which.
inline const Error* joint_failure(const std::vector<Result<CallOutcome>>& outcomes) {
  std::map<std::string_view, const Error*> seen;
  const Error* joint = nullptr;
  for (const auto& outcome : outcomes) {
    if (outcome) return nullptr;
    const auto [first, is_new] = seen.emplace(outcome.error().message, &outcome.error());
    if (!is_new && joint == nullptr && is_same_error(*first->second, outcome.error()))
      joint = &outcome.error();
  }
  return joint;
}

}  // namespace reelmill
