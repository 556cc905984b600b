// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "resilience/call_context.h"
#include "resilience/guard_options.h"

namespace reelmill::simulation {

/// What stands between an operation and its service.
enum class Protection {
  none,
  naive_retry,    ///< a fixed delay of 1 s
  resilience4j,   ///< breaker and retry with the documented defaults
  polly,          ///< the same of Polly 8
  ours,           ///< Guard::call: an open breaker fails the operation at once
  ours_in_lanes,  ///< Guard::attempt: an open breaker defers the operation, as the lanes do
};

inline constexpr std::array all_protections = {Protection::none,         Protection::naive_retry,
                                               Protection::resilience4j, Protection::polly,
                                               Protection::ours,         Protection::ours_in_lanes};

std::string_view to_string(Protection protection) noexcept;

/// The same for all: attempts an operation gets at most, and how long each may take.
inline constexpr int most_attempts = 5;
inline constexpr Duration attempt_timeout = std::chrono::seconds(2);

/// The options of `ours` and `ours_in_lanes`.
GuardOptions our_options(Protection protection);

/// Makes the attempts of operations on one service.
class Caller {
 public:
  using Attempt = std::function<Status(const CallContext&)>;

  virtual ~Caller() = default;
  /// Blocks, on the clock, until the operation has succeeded or failed.
  virtual Status call(const Attempt& attempt, Clock::time_point deadline) = 0;
};

std::unique_ptr<Caller> make_caller(Protection protection, Clock& clock, Random& random);

}  // namespace reelmill::simulation
