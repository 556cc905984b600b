// SPDX-License-Identifier: Apache-2.0
#include "resilience/rate_limiter.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "resilience/option_problems.h"

namespace reelmill {
namespace {

constexpr double cut_to = 0.7;
constexpr double growth = 0.4;         // CUBIC's constant C
constexpr double lowest_share = 0.01;  // of per_second; a limiter must be able to notice recovery
constexpr double rounding = 1e-9;      // tokens that are missing only by floating-point error

RateLimiterOptions checked(RateLimiterOptions options) {
  if (const auto problems = validate(options); !problems.empty()) {
    throw std::invalid_argument("rate limiter: " + joined(problems));
  }
  return options;
}

}  // namespace

RateLimiter::RateLimiter(RateLimiterOptions options, Clock& clock)
    : options_(checked(options)),
      clock_(clock),
      tokens_(options.burst),
      refilled_at_(clock.now()),
      rate_before_cut_(options.per_second) {}

double RateLimiter::rate_at(Clock::time_point now) const {
  if (cut_at_ == Clock::time_point::min()) return options_.per_second;
  const double t = std::max(0.0, to_seconds(now - cut_at_));
  // Time until the curve is back where the cut was made.
  const double back = std::cbrt(rate_before_cut_ * (1 - cut_to) / growth);
  const double rate = growth * std::pow(t - back, 3) + rate_before_cut_;
  return std::clamp(rate, options_.per_second * lowest_share, options_.per_second);
}

void RateLimiter::refill(Clock::time_point now) {
  if (now <= refilled_at_) return;
  // Between two calls the rate is taken as constant; the curve is slow against that.
  tokens_ = std::min(options_.burst, tokens_ + to_seconds(now - refilled_at_) * rate_at(now));
  refilled_at_ = now;
}

Status RateLimiter::try_acquire(double tokens) {
  tokens = tokens > 0 ? tokens : 0;  // NaN too
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  refill(now);
  const double needed = std::min(tokens, options_.burst);
  if (tokens_ + rounding >= needed) {
    tokens_ -= tokens;
    return {};
  }
  const double seconds = (needed - tokens_) / rate_at(now);
  const Duration wait = seconds >= to_seconds(longest_duration)
                            ? longest_duration
                            : Duration(static_cast<Duration::rep>(std::ceil(seconds * 1e9)));
  return tl::unexpected<Error>(Error{ErrorKind::rejected, "rate limit", wait, false});
}

void RateLimiter::give_back(double tokens) {
  std::lock_guard lock(mutex_);
  tokens_ = std::min(options_.burst, tokens_ + (tokens > 0 ? tokens : 0));
}

void RateLimiter::cut(Clock::time_point now) {
  refill(now);
  rate_before_cut_ = rate_at(now);
  cut_at_ = now;
}

void RateLimiter::throttled() {
  if (!options_.adaptive) return;
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  cut(now);
}

void RateLimiter::throttled(Clock::time_point began) {
  if (!options_.adaptive) return;
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  if (began >= cut_at_) cut(now);
}

double RateLimiter::per_second() const {
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  return rate_at(now);
}

double RateLimiter::available() const {
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  const double flowed = now <= refilled_at_ ? 0 : to_seconds(now - refilled_at_) * rate_at(now);
  return std::min(options_.burst, tokens_ + flowed);
}

}  // namespace reelmill
