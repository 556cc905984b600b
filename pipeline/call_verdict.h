// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/clock.h"
#include "resilience/failure_class.h"
#include "stages/api/call_stage.h"

namespace reelmill {

/// What the outcomes of one batch say about the service. Items fail alone on a service that works:
/// it fails where nothing arrived, or half of the items or more failed by its fault. Where nothing
/// arrived and it is not at fault, why it takes nothing.
inline Result<void> verdict(const std::vector<Result<CallOutcome>>& outcomes) {
  const Error *failure = nullptr, *refusal = nullptr;
  std::size_t arrived = 0, failed = 0;
  for (const auto& outcome : outcomes) {
    if (outcome) {
      ++arrived;
    } else if (classify(outcome.error().kind) == FailureClass::service_failure) {
      ++failed;
      if (failure == nullptr) failure = &outcome.error();
    } else if (refusal == nullptr) {
      refusal = &outcome.error();
    }
  }
  if (failure != nullptr && (arrived == 0 || 2 * failed >= outcomes.size())) return fail(*failure);
  if (arrived > 0 || refusal == nullptr) return {};
  return fail(*refusal);
}

/// The service was at work for all the time it was given: the batch costs at least as much.
inline bool was_cut_off(const Error& error, Duration service_time) {
  return error.kind == ErrorKind::timeout && error.was_sent && service_time > Duration::zero();
}

}  // namespace reelmill
