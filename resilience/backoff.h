// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.h"
#include "resilience/retry_options.h"

namespace reelmill {

/// The delay before the next attempt, by the formula of one strategy. Not thread-safe.
///
///     fixed                base
///     linear               base * n
///     exponential          base * m^(n-1)
///     full_jitter          U(0, exponential)
///     decorrelated_jitter  U(base, max(base, 3 * previous))
///
/// `jitter` j spreads the first three by U(1-j, 1+j). All end at `max_delay`, after the jitter.
class Backoff {
 public:
  /// Throws std::invalid_argument when the options are not valid or the strategy is `adaptive`,
  /// which is a choice between these and belongs to Retry.
  Backoff(RetryOptions options, Random& random);

  /// `attempt` 1 is the first failed one; `previous` is the delay before that, 0 for none.
  Duration next(int attempt, Duration previous);

 private:
  const RetryOptions options_;
  Random& random_;
};

/// The same without an object: what `strategy` would wait, whatever `options.strategy` says.
Duration backoff_delay(RetryStrategy strategy, const RetryOptions& options, int attempt,
                       Duration previous, Random& random);

}  // namespace reelmill
