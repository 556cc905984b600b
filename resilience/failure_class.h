// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"

namespace reelmill {

/// What an error says about the service it came from.
enum class FailureClass {
  service_failure,  ///< the service is at fault: unavailable, timeout, throttled, internal
  answered,         ///< it answered, and the question was at fault: invalid_input, not_found
  refused,          ///< it works, but not for us until someone acts: denied, exhausted
  own,              ///< not the service at all: cancelled, rejected, circuit_open
};

constexpr FailureClass classify(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::unavailable:
    case ErrorKind::timeout:
    case ErrorKind::throttled:
    case ErrorKind::internal:
      return FailureClass::service_failure;
    case ErrorKind::invalid_input:
    case ErrorKind::not_found:
      return FailureClass::answered;
    case ErrorKind::denied:
    case ErrorKind::exhausted:
      return FailureClass::refused;
    case ErrorKind::cancelled:
    case ErrorKind::rejected:
    case ErrorKind::circuit_open:
      break;
  }
  return FailureClass::own;
}

}  // namespace reelmill
