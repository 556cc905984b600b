// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/simulation/caller.h"
#include "benchmarks/simulation/simulated_service.h"

namespace reelmill::simulation {

/// A service, its trouble, and the operations that want something of it.
struct Scenario {
  std::string name;
  ServicePlan plan;
  double per_second = 10;  ///< operations, arriving by chance
  Duration length = std::chrono::minutes(5);
  Duration patience = std::chrono::minutes(10);  ///< an operation fails when it takes longer
  int threads = 1000;                            ///< that make operations
  /// Operations a second on another service, which is well. They share the threads, and fail when
  /// they take longer than a second.
  double neighbours_per_second = 0;
};

Scenario flaky_service();
Scenario outage_of_a_minute();
Scenario throttling_service();
Scenario slow_service();
/// One failing call in twenty and an outage of a minute in ten: 85 % without protection.
Scenario mixed_troubles();

struct ScenarioResult {
  std::uint64_t operations = 0, succeeded = 0;
  std::uint64_t requests = 0, requests_in_trouble = 0;
  std::optional<Duration> noticed_after;  ///< the trouble's end, by a call that was answered
  Duration recovered_after{0};            ///< the trouble's end, by the last operation that failed
  std::uint64_t neighbours = 0, neighbours_failed = 0;

  double success_rate() const { return double(succeeded) / double(operations); }
  double requests_per_success() const {
    return succeeded == 0 ? 0 : double(requests) / double(succeeded);
  }
};

/// In virtual time; equal for equal arguments.
ScenarioResult run_scenario(const Scenario& scenario, Protection protection, std::uint64_t seed);

}  // namespace reelmill::simulation
