// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/simulation/scenario.h"

#include <algorithm>
#include <cmath>

#include "benchmarks/simulation/virtual_threads.h"

namespace reelmill::simulation {
namespace {

using namespace std::chrono_literals;
using Trouble = ServicePlan::Trouble;

constexpr Duration neighbour_latency = 50ms;
constexpr Duration neighbour_patience = 1s;

struct Arrival {
  Duration at;
  bool is_neighbour;
};

std::vector<Arrival> arrivals(const Scenario& scenario, Random& random) {
  std::vector<Arrival> all;
  const auto add = [&](double per_second, bool is_neighbour) {
    if (per_second <= 0) return;
    double at = 0;
    while (true) {
      at -= std::log(1 - random.uniform()) / per_second;
      if (at >= to_seconds(scenario.length)) return;
      all.push_back({Duration(static_cast<Duration::rep>(at * 1e9)), is_neighbour});
    }
  };
  add(scenario.per_second, false);
  add(scenario.neighbours_per_second, true);
  std::stable_sort(all.begin(), all.end(),
                   [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  return all;
}

}  // namespace

Scenario flaky_service() {
  return {.name = "flaky service, 20 % errors",
          .plan = {.failure_rate = 0.2},
          .per_second = 20,
          .length = 1000s};
}

Scenario outage_of_a_minute() {
  return {.name = "outage of one minute",
          .plan = {.trouble = Trouble::outage, .from = 90s, .until = 150s},
          .length = 240s};
}

Scenario throttling_service() {
  return {.name = "throttling service, half of the demand for a minute",
          .plan = {.trouble = Trouble::throttled, .from = 60s, .until = 120s, .capacity = 5},
          .length = 240s};
}

Scenario slow_service() {
  return {.name = "slow service, 8 s a call for a minute, 16 threads",
          .plan = {.trouble = Trouble::slow, .from = 90s, .until = 150s, .slow_latency = 8s},
          .length = 240s,
          .patience = 30s,
          .threads = 16,
          .neighbours_per_second = 20};
}

Scenario mixed_troubles() {
  return {.name = "5 % errors and an outage of a minute in ten",
          .plan = {.failure_rate = 0.05, .trouble = Trouble::outage, .from = 270s, .until = 330s},
          .length = 600s};
}

ScenarioResult run_scenario(const Scenario& scenario, Protection protection, std::uint64_t seed) {
  SeededRandom chance(3 * seed), service_chance(3 * seed + 1), caller_chance(3 * seed + 2);
  const auto operations = arrivals(scenario, chance);
  VirtualThreads threads;
  SimulatedService service(scenario.plan, threads, service_chance);
  const auto caller = make_caller(protection, threads, caller_chance);
  const auto start = threads.now();
  ScenarioResult result;
  std::size_t next = 0;

  const auto make = [&](const Arrival& operation) {
    const auto arrived = start + operation.at;
    if (operation.is_neighbour) {
      threads.sleep_until(threads.now() + neighbour_latency, {});
      ++result.neighbours;
      result.neighbours_failed += threads.now() - arrived > neighbour_patience ? 1 : 0;
      return;
    }
    ++result.operations;
    const auto deadline = arrived + scenario.patience;
    const Status done =
        caller->call([&](const CallContext& context) { return service.call(context); }, deadline);
    if (done && threads.now() <= deadline) {
      ++result.succeeded;
    } else if (operation.at > scenario.plan.until) {
      result.recovered_after = std::max(result.recovered_after, operation.at - scenario.plan.until);
    }
  };
  const auto worker = [&] {
    while (next < operations.size()) {
      const Arrival operation = operations[next++];
      threads.sleep_until(start + operation.at, {});
      make(operation);
    }
  };
  for (int i = 0; i < scenario.threads; ++i) threads.spawn(worker);
  threads.run();
  result.requests = service.requests();
  result.requests_in_trouble = service.requests_in_trouble();
  result.noticed_after = service.noticed_after();
  return result;
}

}  // namespace reelmill::simulation
