// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "pipeline/spec.h"
#include "stages/api/options.h"

namespace reelmill {

// The option tables of everything in a configuration that is not a stage. Their ranges are those of
// the validate() functions in resilience/, stated here as well so that schema and documentation
// know them.
const OptionTable<PipelineSpec>& input_options();  ///< fills include and exclude
const OptionTable<LimitSpec>& limit_options();
const OptionTable<WatchdogSpec>& watchdog_options();
OptionTable<BatchOptions> batch_options(const BatchOptions& defaults = {});
const OptionTable<RetryOptions>& retry_options();
const OptionTable<RetryBudgetOptions>& budget_options();
const OptionTable<CircuitBreakerOptions>& breaker_options();  ///< ramps up after closing by default
const OptionTable<RateLimiterOptions>& rate_options();
const OptionTable<ConcurrencyLimitOptions>& concurrency_options();
const OptionTable<HedgeOptions>& hedge_options();
const OptionTable<GuardOptions>& timeout_options();  ///< fills attempt_timeout and total_timeout
const OptionSpec& lanes_option();                    ///< `lanes:` of a call

/// What stands under one name in `guards:`. A part that is not written is not there; a guard with
/// nothing written is unattended_guard_options().
GuardOptions read_guard(const ConfigNode& node, const ProblemSink& sink);

/// What stands under `batch:` of a call; what does not is as in `defaults`.
BatchOptions read_batch(const ConfigNode& node, const BatchOptions& defaults,
                        const ProblemSink& sink);

/// Ids and names of guards: a-z, 0-9, `_` and `-`, beginning with a letter or digit, at most 64.
bool is_id(std::string_view text);
inline constexpr const char* kIdPattern = "^[a-z0-9][a-z0-9_-]{0,63}$";

}  // namespace reelmill
