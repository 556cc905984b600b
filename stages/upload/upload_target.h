// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "net/body_part.h"
#include "stages/api/call_stage.h"

namespace reelmill {

/// An object that is put together while it is sent.
struct UploadObject {
  std::string name;  ///< as CallItem::name
  std::string content_type;
  std::vector<BodyPart> parts;

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& part : parts) sum += part.size();
    return sum;
  }
};

/// A place that takes files under names. One attempt a call, no retries; putting the same item
/// again is harmless. Thread-safe: several lanes put at once.
class UploadTarget {
 public:
  virtual ~UploadTarget() = default;
  /// Returns when the target has the whole file, and says so durably. The item's name has been
  /// checked: relative, without empty, `.` and `..` parts.
  virtual Result<CallOutcome> put(const CallItem& item, const CallContext& context) = 0;
  /// The same for an object. Errors: as put(); a file of a part that is gone or has another size is
  /// not_found or invalid_input.
  virtual Result<CallOutcome> put_object(const UploadObject& object,
                                         const CallContext& context) = 0;
  /// As CallStage::may_overlap().
  virtual bool may_overlap() const { return false; }
  /// What can be known before the run; writes nothing that stays.
  virtual Status prepare() = 0;
  /// For people, without secrets.
  virtual std::string name() const = 0;
};

}  // namespace reelmill
