// SPDX-License-Identifier: Apache-2.0
#include "resilience/backoff.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "resilience/option_problems.h"

namespace reelmill {
namespace {

// Finite, so that 0 times a saturated delay is 0 and not NaN.
constexpr double saturated = 1e30;

double exponential(double base, double multiplier, int attempt) {
  return base == 0 ? 0 : std::min(saturated, base * std::pow(multiplier, attempt - 1));
}

}  // namespace

Duration backoff_delay(RetryStrategy strategy, const RetryOptions& options, int attempt,
                       Duration previous, Random& random) {
  const int n = std::max(1, attempt);
  const auto base = static_cast<double>(options.base_delay.count());
  const auto before = static_cast<double>(std::max(previous, Duration::zero()).count());
  double delay = base;
  bool is_spread = true;
  switch (strategy) {
    case RetryStrategy::fixed:
    case RetryStrategy::adaptive:
      break;
    case RetryStrategy::linear:
      delay = base * n;
      break;
    case RetryStrategy::exponential:
      delay = exponential(base, options.backoff_multiplier, n);
      break;
    case RetryStrategy::full_jitter:
      delay = random.uniform() * exponential(base, options.backoff_multiplier, n);
      is_spread = false;
      break;
    case RetryStrategy::decorrelated_jitter:
      delay = base + random.uniform() * (std::max(base, 3 * before) - base);
      is_spread = false;
      break;
  }
  if (is_spread && options.jitter > 0) {
    delay *= 1 + options.jitter * (2 * random.uniform() - 1);
  }
  const auto most = static_cast<double>(options.max_delay.count());
  return delay >= most ? options.max_delay : Duration(static_cast<Duration::rep>(delay));
}

Backoff::Backoff(RetryOptions options, Random& random) : options_(options), random_(random) {
  OptionProblems problems;
  problems.add_all("retry", validate(options));
  if (options.strategy == RetryStrategy::adaptive) {
    problems.add("retry.strategy", "adaptive is a choice between strategies; use Retry");
  }
  if (const auto all = problems.take(); !all.empty()) throw std::invalid_argument(joined(all));
}

Duration Backoff::next(int attempt, Duration previous) {
  return backoff_delay(options_.strategy, options_, attempt, previous, random_);
}

}  // namespace reelmill
