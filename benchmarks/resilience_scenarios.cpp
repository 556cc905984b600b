// SPDX-License-Identifier: Apache-2.0
// Services in trouble and what stands between them and their callers, at the same number of
// attempts: no protection, naive retries, the defaults of resilience4j and of Polly, and ours.
//
//     resilience_scenarios [--seed N] [--seeds N] [--json]
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "benchmarks/simulation/scenario.h"

namespace {

using namespace reelmill;
using namespace reelmill::simulation;

/// A scenario's results by protection, in the order of all_protections, summed over the seeds;
/// those where threads are scarce end before `ours_in_lanes`.
using Results = std::vector<ScenarioResult>;

void add(ScenarioResult& sum, const ScenarioResult& one) {
  sum.operations += one.operations;
  sum.succeeded += one.succeeded;
  sum.requests += one.requests;
  sum.requests_in_trouble += one.requests_in_trouble;
  sum.neighbours += one.neighbours;
  sum.neighbours_failed += one.neighbours_failed;
  // The latest of all seeds.
  if (one.noticed_after) {
    sum.noticed_after = std::max(sum.noticed_after.value_or(Duration(0)), *one.noticed_after);
  }
  sum.recovered_after = std::max(sum.recovered_after, one.recovered_after);
}

Results run(const Scenario& scenario, std::uint64_t seed, int seeds) {
  Results results;
  for (const Protection protection : all_protections) {
    ScenarioResult sum;
    // Lanes hold no thread while they wait; threads that wait in their place would.
    if (protection == Protection::ours_in_lanes && scenario.neighbours_per_second > 0) continue;
    for (int i = 0; i < seeds; ++i) {
      add(sum, run_scenario(scenario, protection, seed + static_cast<std::uint64_t>(i)));
    }
    results.push_back(sum);
  }
  return results;
}

const ScenarioResult& of(const Results& results, Protection protection) {
  return results[static_cast<std::size_t>(protection)];
}

void print(const Scenario& scenario, const Results& results, int seeds) {
  fmt::print(
      "\n### {}\n\n| protection | operations that succeed | requests a success | requests "
      "into the trouble | recovery noticed after | last failure after |{}\n"
      "|---|---|---|---|---|---|{}\n",
      scenario.name, scenario.neighbours_per_second > 0 ? " neighbours failed |" : "",
      scenario.neighbours_per_second > 0 ? "---|" : "");
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Protection protection = all_protections[i];
    const ScenarioResult& r = results[i];
    fmt::print("| {} | {:.3f} % | {:.3f} | {:.1f} | {} | {:.1f} s |", to_string(protection),
               100 * r.success_rate(), r.requests_per_success(),
               double(r.requests_in_trouble) / seeds,
               r.noticed_after ? fmt::format("{:.1f} s", to_seconds(*r.noticed_after)) : "-",
               to_seconds(r.recovered_after));
    if (r.neighbours > 0) {
      fmt::print(" {:.2f} % |", 100 * double(r.neighbours_failed) / double(r.neighbours));
    }
    fmt::print("\n");
  }
}

double failed(const ScenarioResult& r) {
  return double(r.operations - r.succeeded);
}

void print_claims(const Results& flaky, const Results& slow, const Results& mixed) {
  const auto fewer = [](double before, double after) {
    return before == 0 ? 0 : 100 * (before - after) / before;
  };
  const auto neighbours = [&](Protection p) { return double(of(slow, p).neighbours_failed); };
  fmt::print(
      "\n### The claims this project started from\n\n| claim | measured as | ours |\n"
      "|---|---|---|\n");
  fmt::print(
      "| cascading failures −80 to −90 % | neighbours that fail beside the slow service, "
      "against no protection | −{:.1f} % |\n",
      fewer(neighbours(Protection::none), neighbours(Protection::ours)));
  fmt::print("| | against naive retries | −{:.1f} % |\n",
             fewer(neighbours(Protection::naive_retry), neighbours(Protection::ours)));
  fmt::print(
      "| operation success +60 to +80 % (of the failures) | flaky service: operations that "
      "fail without protection and succeed with it | +{:.1f} % |\n",
      fewer(failed(of(flaky, Protection::none)), failed(of(flaky, Protection::ours))));
  for (const Protection p : {Protection::ours, Protection::ours_in_lanes}) {
    fmt::print("| | mixed troubles, {} | +{:.1f} % |\n", to_string(p),
               fewer(failed(of(mixed, Protection::none)), failed(of(mixed, p))));
  }
  for (const Protection p : {Protection::ours, Protection::ours_in_lanes}) {
    fmt::print("| {} | mixed troubles, {} | {:.1f} → {:.1f} % |\n",
               p == Protection::ours ? "reliability 85 → 95 %" : "", to_string(p),
               100 * of(mixed, Protection::none).success_rate(), 100 * of(mixed, p).success_rate());
  }
}

nlohmann::ordered_json to_json(const Scenario& scenario, const Results& results) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Protection protection = all_protections[i];
    const ScenarioResult& r = results[i];
    rows.push_back(
        {{"protection", to_string(protection)},
         {"operations", r.operations},
         {"succeeded", r.succeeded},
         {"success_rate", r.success_rate()},
         {"requests", r.requests},
         {"requests_per_success", r.requests_per_success()},
         {"requests_in_trouble", r.requests_in_trouble},
         {"noticed_after_s", r.noticed_after ? nlohmann::ordered_json(to_seconds(*r.noticed_after))
                                             : nlohmann::ordered_json(nullptr)},
         {"recovered_after_s", to_seconds(r.recovered_after)},
         {"neighbours", r.neighbours},
         {"neighbours_failed", r.neighbours_failed}});
  }
  return {{"scenario", scenario.name}, {"results", rows}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Protections against services in trouble, in virtual time");
  std::uint64_t seed = 1;
  int seeds = 1;
  bool is_json = false;
  app.add_option("--seed", seed, "the first");
  app.add_option("--seeds", seeds, "runs that are summed")->check(CLI::PositiveNumber);
  app.add_flag("--json", is_json, "as JSON");
  CLI11_PARSE(app, argc, argv);

  const std::vector<Scenario> scenarios = {flaky_service(), outage_of_a_minute(),
                                           throttling_service(), slow_service(), mixed_troubles()};
  std::vector<Results> all;
  nlohmann::ordered_json document = {
      {"seed", seed}, {"seeds", seeds}, {"most_attempts", most_attempts}, {"scenarios", {}}};
  if (!is_json) fmt::print("At most {} attempts an operation.\n", most_attempts);
  for (const Scenario& scenario : scenarios) {
    all.push_back(run(scenario, seed, seeds));
    if (is_json) {
      document["scenarios"].push_back(to_json(scenario, all.back()));
    } else {
      print(scenario, all.back(), seeds);
    }
  }
  if (is_json) {
    fmt::print("{}\n", document.dump(2));
  } else {
    print_claims(all[0], all[3], all[4]);
  }
}
