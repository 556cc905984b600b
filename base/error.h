// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace reelmill {

using Duration = std::chrono::nanoseconds;

/// What went wrong, by what can be done about it.
enum class ErrorKind {
  invalid_input,  ///< the input itself is at fault; trying again cannot help
  not_found,      ///< the thing asked for is not there
  denied,         ///< 401, 403, expired credential, missing permission
  exhausted,      ///< 507, quota, full disk
  unavailable,    ///< the service could not be reached or said it cannot answer now
  timeout,        ///< no answer in time
  throttled,      ///< the service asks us to slow down
  rejected,       ///< our own rate or concurrency limit
  circuit_open,   ///< our own circuit breaker
  cancelled,      ///< we were told to stop
  internal,       ///< a fault of this program, or one that fits nowhere else
};

/// The kind's name as written above.
std::string_view to_string(ErrorKind kind) noexcept;

/// Worth another attempt: unavailable, timeout, throttled.
constexpr bool is_transient(ErrorKind kind) noexcept {
  return kind == ErrorKind::unavailable || kind == ErrorKind::timeout ||
         kind == ErrorKind::throttled;
}

/// An error as a value. The message says what was being done, and with which value.
/// Our own refusals use messages of at most 15 bytes, which std::string stores without allocating.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  Duration retry_after{0};  ///< the other side's wish, or the time a refusal lasts; 0 = none stated
  bool was_sent = true;     ///< false: the request surely never left, so repeating it is safe
};

/// `kind: message`.
std::string to_string(const Error& error);

}  // namespace reelmill
