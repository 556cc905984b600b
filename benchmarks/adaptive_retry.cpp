// SPDX-License-Identifier: Apache-2.0
// The adaptive retry strategy beside each fixed one, on services with different troubles: mean
// reward of an operation, after as many operations to learn from. The reward is success *
// exp(-elapsed / 10 s) / attempts.
//
//     adaptive_retry [--operations N] [--seeds N] [--seed N]
#include <algorithm>
#include <map>

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include "benchmarks/simulation/retry_trials.h"

namespace {

using namespace reelmill;
using namespace reelmill::simulation;

constexpr std::array strategies = {RetryStrategy::fixed,
                                   RetryStrategy::linear,
                                   RetryStrategy::exponential,
                                   RetryStrategy::full_jitter,
                                   RetryStrategy::decorrelated_jitter,
                                   RetryStrategy::adaptive};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Mean reward of retry strategies");
  int operations = 2000, seeds = 20;
  std::uint64_t seed = 1000;
  app.add_option("--operations", operations, "to learn, and again to measure")
      ->check(CLI::PositiveNumber);
  app.add_option("--seeds", seeds, "runs that are averaged")->check(CLI::PositiveNumber);
  app.add_option("--seed", seed, "the first");
  CLI11_PARSE(app, argc, argv);

  fmt::print("| strategy |");
  for (const Trouble trouble : all_troubles) fmt::print(" {} |", to_string(trouble));
  fmt::print(" all | requests an operation |\n|---|---|---|---|---|---|---|\n");
  std::map<Trouble, double> best;
  for (const RetryStrategy strategy : strategies) {
    const bool is_adaptive = strategy == RetryStrategy::adaptive;
    double sum = 0, requests = 0;
    std::string while_learning, shares;
    fmt::print("| {} |", to_string(strategy));
    for (const Trouble trouble : all_troubles) {
      double reward = 0, learning = 0;
      for (int i = 0; i < seeds; ++i) {
        const auto trial =
            run_retry_trial(strategy, trouble, operations, seed + static_cast<std::uint64_t>(i));
        reward += trial.reward / seeds;
        learning += trial.learning_reward / seeds;
        requests += trial.requests / seeds / all_troubles.size();
      }
      sum += reward / all_troubles.size();
      fmt::print(" {:.4f} |", reward);
      while_learning += fmt::format(" {:.4f} |", learning);
      if (is_adaptive) {
        shares +=
            best[trouble] == 0 ? " - |" : fmt::format(" {:.1f} % |", 100 * reward / best[trouble]);
      } else {
        best[trouble] = std::max(best[trouble], reward);
      }
    }
    fmt::print(" {:.4f} | {:.2f} |\n", sum, requests);
    if (!is_adaptive) continue;
    fmt::print("| adaptive, of the best |{} | |\n", shares);
    fmt::print("| adaptive, while it learns |{} | |\n", while_learning);
  }

  fmt::print("\nBudget left of 500 after 100 operations that failed with:\n\n");
  for (const ErrorKind kind :
       {ErrorKind::invalid_input, ErrorKind::not_found, ErrorKind::denied, ErrorKind::exhausted,
        ErrorKind::cancelled, ErrorKind::internal, ErrorKind::unavailable}) {
    fmt::print("- {}: {:g}\n", to_string(kind), budget_left_after(kind, 100));
  }
}
