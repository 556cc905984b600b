// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "stages/api/call_stage.h"

namespace reelmill {

/// A place that takes files under names. One attempt a call, no retries; putting the same item
/// again is harmless. Thread-safe: several lanes put at once.
class UploadTarget {
 public:
  virtual ~UploadTarget() = default;
  /// Returns when the target has the whole file, and says so durably. The item's name has been
  /// checked: relative, without empty, `.` and `..` parts.
  virtual Result<CallOutcome> put(const CallItem& item, const CallContext& context) = 0;
  /// What can be known before the run; writes nothing that stays.
  virtual Status prepare() = 0;
  /// For people, without secrets.
  virtual std::string name() const = 0;
};

}  // namespace reelmill
