// SPDX-License-Identifier: Apache-2.0
#include "resilience/limit_options.h"

#include "resilience/option_problems.h"

namespace reelmill {

std::vector<std::string> validate(const RateLimiterOptions& options) {
  OptionProblems problems;
  problems.check_range("per_second", options.per_second, 1e-6, 1e9);
  problems.check_range("burst", options.burst, 1e-6, 1e9);
  return problems.take();
}

std::vector<std::string> validate(const ConcurrencyLimitOptions& options) {
  OptionProblems problems;
  problems.check_range("min", options.min, 1, 1e6);
  problems.check_range("max", options.max, 1, 1e6);
  if (options.max < options.min) problems.add("max", "must be at least min");
  if (options.initial < options.min || options.initial > options.max) {
    problems.add("initial", "must lie between min and max");
  }
  return problems.take();
}

std::vector<std::string> validate(const HedgeOptions& options) {
  OptionProblems problems;
  problems.check_range("percentile", options.percentile, 0.5, 0.999);
  problems.check_range("minimum_samples", options.minimum_samples, 1, 1e6);
  problems.check_range("minimum_delay", options.minimum_delay, Duration::zero(), longest_duration);
  return problems.take();
}

}  // namespace reelmill
