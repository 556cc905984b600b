// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

namespace reelmill {

std::string_view to_string(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::invalid_input:
      return "invalid_input";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::denied:
      return "denied";
    case ErrorKind::exhausted:
      return "exhausted";
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::throttled:
      return "throttled";
    case ErrorKind::rejected:
      return "rejected";
    case ErrorKind::circuit_open:
      return "circuit_open";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::internal:
      return "internal";
  }
  return "unknown";
}

std::string to_string(const Error& error) {
  return std::string(to_string(error.kind)) + ": " + error.message;
}

}  // namespace reelmill
