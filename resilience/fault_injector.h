// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "resilience/call_context.h"

namespace reelmill {

/// One way in which a service misbehaves, and when.
struct FaultRule {
  double probability = 1;               ///< of each call
  std::optional<ErrorKind> error = {};  ///< what the call fails with; none = it is only delayed
  Duration delay{0};                    ///< before it fails or goes on
  Duration retry_after{0};              ///< in the error
  bool was_sent = true;                 ///< in the error
  Duration from{0};                     ///< active from this long after the injector was made
  Duration until = Duration::max();     ///< up to here
};

/// Makes calls fail or dawdle as told: for tests and drills. Call before_call() at the start of a
/// guarded call and return its error. Thread-safe.
class FaultInjector {
 public:
  FaultInjector(std::vector<FaultRule> rules, Random& random, Clock& clock);

  /// The error of the first active rule that strikes. Delays sleep on the clock; one that would
  /// pass the context's deadline ends there as `timeout`, a stop request as `cancelled`.
  Status before_call(const CallContext& context);

 private:
  bool strikes(const FaultRule& rule);

  const std::vector<FaultRule> rules_;
  Clock& clock_;
  const Clock::time_point began_;
  std::mutex mutex_;
  Random& random_;
};

}  // namespace reelmill
