// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "resilience/guard.h"

namespace reelmill {

/// Counts by name, those that are zero left out.
using NamedCounts = std::vector<std::pair<std::string, std::uint64_t>>;

/// One guard in a report: what it saw of its service and what it did about it. Times in seconds.
struct GuardReport {
  struct Budget {
    double capacity = 0, left = 0, spent = 0, refunded = 0;  ///< tokens
    std::uint64_t refused = 0;  ///< retries and hedges it had no tokens for
  };
  struct Breaker {
    std::string state, mode;
    double failure_rate = 0, slow_call_rate = 0, retry_after_s = 0;
    std::uint64_t successes = 0, failures = 0, slow = 0, ignored = 0, refused = 0, stale = 0,
                  trips = 0;
  };
  struct Rate {
    double per_second = 0;
    std::uint64_t refused = 0;
  };
  struct Concurrency {
    int limit = 0, in_flight = 0;
    std::uint64_t refused = 0;
  };
  /// Failed attempts within one minute.
  struct Minute {
    double at_s = 0;  ///< from the begin of the run
    NamedCounts failures;
  };

  std::string name, state;   ///< closed, open, half_open, needs_operator
  std::string message = {};  ///< for the operator
  std::uint64_t calls = 0, successes = 0, failures = 0, refused = 0, retries = 0, openings = 0;
  double paused_s = 0, retry_delay_s = 0;
  std::uint64_t deferrals = 0, hedges = 0, hedge_wins = 0;
  NamedCounts failures_by_kind = {}, retries_by_kind = {}, refused_by = {}, give_ups = {};
  std::vector<std::uint64_t> successes_after = {};  ///< [n]: operations that took n + 1 attempts
  Budget budget = {};
  std::optional<Breaker> breaker = {};
  std::optional<Rate> rate = {};
  std::optional<Concurrency> concurrency = {};
  std::vector<Minute> history = {};
  /// `12.3 s: closed -> open: 5 consecutive failures`, the first 100
  std::vector<std::string> events = {};
};

GuardReport guard_report(const GuardSnapshot& guard, Clock::time_point run_began);

nlohmann::ordered_json to_json(const GuardReport& guard);
GuardReport guard_report_from_json(const nlohmann::ordered_json& json);

/// `store: closed; 164 calls, 3 failed (2 unavailable, 1 timeout), opened once, paused 1.5 s`
std::string summary(const GuardReport& guard);
/// What happened beyond that, in the order in which a reader asks: why it stopped, what was tried
/// again, what that cost. Empty where all went well.
std::vector<std::string> story(const GuardReport& guard);

}  // namespace reelmill
