// SPDX-License-Identifier: Apache-2.0
// Adaptive batching against fixed sizes and simple controllers, in virtual time.
#include <cstring>
#include <iostream>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "base/error.h"
#include "benchmarks/batching_trials/compare.h"

namespace {

using namespace reelmill;
using batching::Row;
using batching::Workload;

constexpr const char* usage =
    "batching [--seed N]... [--json] [--batches N] [--list NAME,...] [--workload 'a=..,b=..,...']\n"
    "Workload keys: b a c (ms a batch, an item, an MB), knee slope jump, noise tail outlier\n"
    "outlier_factor fail fails_whole, b2 a2 knee2 period drifts, burst every rate sources, mb "
    "mixed\n"
    "servers; options: target wait (ms) min max initial slots max_mb. See docs/batching.md.\n";

struct Arguments {
  std::vector<std::uint64_t> seeds;
  bool is_json = false, lists_all = false;
  std::size_t batches = 5000;
  int stride = 1;
  std::vector<Workload> workloads;
  std::string only;
};

bool parse(int count, char** arguments, Arguments& parsed) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = arguments[i];
    if (name == "--json") {
      parsed.is_json = true;
      continue;
    }
    if (name == "--all") {
      parsed.lists_all = true;
      continue;
    }
    if (i + 1 >= count) return false;
    const char* value = arguments[++i];
    if (name == "--seed") {
      parsed.seeds.push_back(std::strtoull(value, nullptr, 10));
    } else if (name == "--batches") {
      parsed.batches = std::max<std::size_t>(1, std::strtoull(value, nullptr, 10));
    } else if (name == "--stride") {
      parsed.stride = std::max(1, std::atoi(value));
    } else if (name == "--list") {
      parsed.only = std::string(",") + value + ",";
    } else if (name == "--workload") {
      auto workload = batching::parse_workload(value);
      if (!workload) {
        std::cerr << workload.error().message << '\n';
        return false;
      }
      parsed.workloads.push_back(*workload);
    } else {
      return false;
    }
  }
  if (parsed.seeds.empty()) parsed.seeds = {1};
  if (!parsed.workloads.empty()) return true;
  for (const auto& workload : batching::workloads()) {
    if (parsed.only.empty() || parsed.only.find("," + workload.name + ",") != std::string::npos) {
      parsed.workloads.push_back(workload);
    }
  }
  return true;
}

nlohmann::ordered_json to_json(const Row& row) {
  return {{"workload", row.workload},
          {"policy", row.policy},
          {"seed", row.seed},
          {"ratio_best_fixed", row.ratio_best_fixed},
          {"ratio_clairvoyant", row.ratio_clairvoyant},
          {"over_target_share", row.over_target_share},
          {"batches_to_converge", row.batches_to_converge},
          {"goodput", row.goodput},
          {"mean_size", row.mean_size},
          {"byte_overrun", row.has_byte_overrun},
          {"lost", row.lost},
          {"doubled", row.doubled},
          {"out_of_order", row.is_out_of_order}};
}

/// Of the fixed sizes the text shows 10 and the best.
void print(const std::vector<Row>& rows, bool all) {
  const auto is_fixed = [](const Row& row) { return row.policy.starts_with("fixed-"); };
  for (const auto& row : rows) {
    if (!all && is_fixed(row) && row.policy != "fixed-10" && row.ratio_best_fixed != 1) continue;
    std::cout << fmt::format(
        "{:<20} {:<12} {:>4} {:>7.3f} {:>7.3f} {:>6.1f}% {:>5} {:>7.1f}{}\n",
        row.workload.substr(0, 20), row.policy, row.seed, row.ratio_best_fixed,
        row.ratio_clairvoyant, 100 * row.over_target_share, row.batches_to_converge, row.mean_size,
        row.has_byte_overrun || row.lost || row.doubled || row.is_out_of_order ? "  WRONG" : "");
  }
}

}  // namespace

int main(int count, char** values) {
  Arguments arguments;
  if (!parse(count, values, arguments)) {
    std::cerr << usage;
    return 2;
  }
  auto json = nlohmann::ordered_json::array();
  if (!arguments.is_json) {
    std::cout << "workload             policy       seed   fixed  clairv    over  conv    size\n";
  }
  for (const auto& workload : arguments.workloads) {
    for (const auto seed : arguments.seeds) {
      const auto rows = batching::compare(
          workload, {.seed = seed, .batches = arguments.batches, .fixed_stride = arguments.stride});
      if (arguments.is_json) {
        for (const auto& row : rows) json.push_back(to_json(row));
      } else {
        print(rows, arguments.lists_all);
      }
    }
  }
  if (arguments.is_json) std::cout << json.dump(1) << '\n';
}
