// SPDX-License-Identifier: Apache-2.0
#include "resilience/guard_options.h"

#include "resilience/option_problems.h"

namespace reelmill {

GuardOptions unattended_guard_options() {
  using namespace std::chrono_literals;
  GuardOptions options;
  options.retry = RetryOptions{.max_attempts = 5, .base_delay = 200ms, .max_delay = 30s};
  options.breaker = CircuitBreakerOptions{.success_threshold = 1,
                                          .timeout = 5s,
                                          .permitted_probes = 2,
                                          .probe_timeout = 60s,
                                          .timeout_multiplier = 1,
                                          .ramp_step = 2s,
                                          .adaptive = true};
  options.attempt_timeout = 60s;
  options.total_timeout = 10min;
  return options;
}

std::vector<std::string> validate(const GuardOptions& options) {
  constexpr Duration zero{0};
  OptionProblems problems;
  if (options.retry) problems.add_all("retry", validate(*options.retry));
  problems.add_all("budget", validate(options.budget));
  if (options.breaker) problems.add_all("breaker", validate(*options.breaker));
  if (options.rate) problems.add_all("rate", validate(*options.rate));
  if (options.concurrency) problems.add_all("concurrency", validate(*options.concurrency));
  if (options.hedge) problems.add_all("hedge", validate(*options.hedge));
  problems.check_range("attempt_timeout", options.attempt_timeout, zero, longest_duration);
  problems.check_range("total_timeout", options.total_timeout, zero, longest_duration);
  return problems.take();
}

}  // namespace reelmill
