// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace reelmill {

/// How many calls a second a service gets.
struct RateLimiterOptions {
  double per_second = 10;  ///< tokens a second; with `adaptive` the ceiling
  double burst = 10;       ///< tokens that may be saved up
  bool adaptive = false;   ///< slow down when throttled, recover along a cubic curve

  bool operator==(const RateLimiterOptions&) const = default;
};

/// How many calls a service gets at the same time.
struct ConcurrencyLimitOptions {
  int initial = 4;
  int min = 1;
  int max = 64;
  bool adaptive = false;  ///< follow observed ÷ predicted latency between min and max

  bool operator==(const ConcurrencyLimitOptions&) const = default;
};

/// A second call beside one that takes unusually long; idempotent calls only.
struct HedgeOptions {
  double percentile = 0.95;   ///< of the latency of successes, after which the second call starts
  int minimum_samples = 20;   ///< successes seen before any call is hedged
  Duration minimum_delay{0};  ///< never hedge earlier than this

  bool operator==(const HedgeOptions&) const = default;
};

/// Every problem at once, `option: value is outside low to high`; empty = fine.
std::vector<std::string> validate(const RateLimiterOptions& options);
std::vector<std::string> validate(const ConcurrencyLimitOptions& options);
std::vector<std::string> validate(const HedgeOptions& options);

}  // namespace reelmill
