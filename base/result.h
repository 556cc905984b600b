// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <spdlog/fmt/fmt.h>
#include <tl/expected.hpp>

#include "base/error.h"

namespace reelmill {

/// A value or an Error. Errors are returned; exceptions are for bugs.
template <class T>
using Result = tl::expected<T, Error>;

/// Success or an Error.
using Status = Result<void>;

/// `return fail(ErrorKind::not_found, "open {}: no such file", path);`
template <class... Args>
[[nodiscard]] tl::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> format,
                                         Args&&... args) {
  return tl::unexpected<Error>(Error{kind, fmt::format(format, std::forward<Args>(args)...)});
}

/// Passes an error on unchanged: `return fail(std::move(result).error());`
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace reelmill

/// Returns the error of a Status to the caller, or goes on.
#define REELMILL_TRY(expression)                                    \
  do {                                                              \
    if (auto reelmill_status_ = (expression); !reelmill_status_)    \
      return ::reelmill::fail(std::move(reelmill_status_).error()); \
  } while (false)

#define REELMILL_CONCAT_INNER(a, b) a##b
#define REELMILL_CONCAT(a, b) REELMILL_CONCAT_INNER(a, b)

/// `REELMILL_ASSIGN(auto value, compute());` returns the error of compute() or assigns its value.
#define REELMILL_ASSIGN(target, expression) \
  REELMILL_ASSIGN_INNER(REELMILL_CONCAT(reelmill_result_, __LINE__), target, expression)
#define REELMILL_ASSIGN_INNER(result, target, expression)          \
  auto result = (expression);                                      \
  if (!result) return ::reelmill::fail(std::move(result).error()); \
  target = std::move(*result)
