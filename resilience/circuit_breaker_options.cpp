// SPDX-License-Identifier: Apache-2.0
#include "resilience/circuit_breaker_options.h"

#include "resilience/option_problems.h"

namespace reelmill {

std::vector<std::string> validate(const CircuitBreakerOptions& options) {
  constexpr double most = 1e6;
  constexpr double off = 1e9;
  constexpr Duration zero{0};
  OptionProblems problems;
  problems.check_range("failure_threshold", options.failure_threshold, 0, most);
  problems.check_range("success_threshold", options.success_threshold, 1, most);
  problems.check_range("timeout", options.timeout, zero, longest_duration);
  if (options.failure_rate_threshold <= 0) {
    problems.add("failure_rate_threshold", "must be above 0; above 1 turns it off");
  } else {
    problems.check_range("failure_rate_threshold", options.failure_rate_threshold, 0, off);
  }
  problems.check_range("window_calls", options.window_calls, 0, most);
  problems.check_range("window_time", options.window_time, zero, longest_duration);
  problems.check_range("window_buckets", options.window_buckets, 1, 10000);
  if (options.window_calls == 0 && options.window_buckets >= 1 &&
      options.window_time < Duration(options.window_buckets)) {
    problems.add("window_time", "must be above 0 when window_calls is 0");
  }
  problems.check_range("minimum_calls", options.minimum_calls, 1, most);
  problems.check_range("slow_call_duration", options.slow_call_duration, zero, longest_duration);
  if (options.slow_call_rate_threshold <= 0) {
    problems.add("slow_call_rate_threshold", "must be above 0; above 1 turns it off");
  } else {
    problems.check_range("slow_call_rate_threshold", options.slow_call_rate_threshold, 0, off);
  }
  problems.check_range("permitted_probes", options.permitted_probes, 0, most);
  if (options.permitted_probes > 0 && options.permitted_probes < options.success_threshold) {
    problems.add("permitted_probes", "must be 0 or at least success_threshold");
  }
  problems.check_range("probe_timeout", options.probe_timeout, zero, longest_duration);
  problems.check_range("timeout_multiplier", options.timeout_multiplier, 1, 1000);
  problems.check_range("max_timeout", options.max_timeout, zero, longest_duration);
  if (options.max_timeout < options.timeout) {
    problems.add("max_timeout", "must be at least timeout");
  }
  problems.check_half_open("timeout_jitter", options.timeout_jitter, 0, 1);
  problems.check_range("ramp_step", options.ramp_step, zero, longest_duration);
  problems.check_range("ramp_start", options.ramp_start, 0.001, 1);
  problems.check_range("false_trip_calls", options.false_trip_calls, 10, 1e300);
  problems.check_range("learn_calls", options.learn_calls, 1, 1e9);
  return problems.take();
}

}  // namespace reelmill
