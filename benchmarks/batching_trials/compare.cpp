// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/batching_trials/compare.h"

#include <algorithm>

namespace reelmill::batching {
namespace {

constexpr double permitted_over_target = 0.05;
constexpr double converged_at = 0.95;
constexpr std::size_t converged_over = 20;  // batches

struct Window {
  double from = 0, to = 0;  ///< seconds
};

Row measure(const Trace& trace, const Workload& workload, Window window) {
  Row row;
  row.workload = workload.name;
  const double target = to_seconds(workload.options.target_processing_time);
  double succeeded = 0, batches = 0, over = 0, items = 0;
  for (const auto& batch : trace.batches) {
    if (batch.back <= window.from || batch.back > window.to) continue;
    ++batches;
    items += batch.n;
    succeeded += batch.succeeded;
    over += batch.seconds > target ? 1 : 0;
  }
  double busy = window.to - window.from;
  for (const auto& [from, to] : trace.idle) {
    busy -= std::max(0.0, std::min(to, window.to) - std::max(from, window.from));
  }
  row.goodput = succeeded / busy;
  row.over_target_share = batches > 0 ? over / batches : 0;
  row.mean_size = batches > 0 ? items / batches : 0;
  row.lost = trace.lost;
  row.doubled = trace.doubled;
  row.has_byte_overrun = trace.has_byte_overrun;
  row.is_out_of_order = trace.is_out_of_order;
  return row;
}

int converged(const Trace& trace, const Workload& workload, double best_goodput) {
  const Service service(workload);
  std::vector<std::pair<double, double>> full;  // what it should have cost, what it did
  std::vector<int> at;
  double best = service.cost(service.best_size(0), 0);
  // With items of several sizes the truth is what the best fixed size reached.
  if (workload.mixed) best = 1 / best_goodput;
  for (std::size_t i = 0; i < trace.batches.size(); ++i) {
    const auto& batch = trace.batches[i];
    if (batch.reason == BatchReason::deadline || batch.reason == BatchReason::idle) continue;
    if (workload.is_moving()) best = service.cost(service.best_size(batch.left), batch.left);
    full.emplace_back(service.successes(batch.n) * best, batch.expected);
    at.push_back(static_cast<int>(i));
  }
  double should = 0, did = 0;
  for (std::size_t i = 0; i < full.size(); ++i) {
    should += full[i].first;
    did += full[i].second;
    if (i + 1 < converged_over) continue;
    if (should >= converged_at * did) return at[i + 1 - converged_over];
    should -= full[i + 1 - converged_over].first;
    did -= full[i + 1 - converged_over].second;
  }
  return -1;
}

}  // namespace

std::vector<Row> compare(const Workload& workload, const Comparison& comparison) {
  const auto hybrid = batcher(BatchStrategy::hybrid);
  const Trace ours =
      simulate(hybrid, workload, comparison.seed, {.batches = warm_up + comparison.batches});
  const Window window{ours.batches[warm_up - 1].back, ours.batches.back().back};
  const Until until{.seconds = window.to};

  std::vector<Row> rows;
  std::vector<Trace> traces;
  const auto add = [&](const Policy& policy, Trace trace) {
    rows.push_back(measure(trace, workload, window));
    rows.back().policy = policy.name;
    rows.back().seed = comparison.seed;
    traces.push_back(std::move(trace));
  };
  add(hybrid, ours);
  for (const auto& policy :
       {batcher(BatchStrategy::adaptive), batcher(BatchStrategy::load_based),
        batcher(BatchStrategy::time_based), ten_percent(), aimd(), clairvoyant()}) {
    add(policy, simulate(policy, workload, comparison.seed, until));
  }
  const double clairvoyant_goodput = rows.back().goodput;
  double best_fixed = 0, best_at_all = 0;
  const auto& o = workload.options;
  double size = o.min_batch_size;
  while (size <= o.max_batch_size) {
    const auto policy = fixed_size(static_cast<int>(size));
    auto trace = simulate(policy, workload, comparison.seed, until);
    const bool is_first = traces.size() < 8;
    rows.push_back(measure(trace, workload, window));
    rows.back().policy = policy.name;
    rows.back().seed = comparison.seed;
    traces.push_back(is_first || size == 10 ? std::move(trace) : Trace{});
    best_at_all = std::max(best_at_all, rows.back().goodput);
    if (rows.back().over_target_share <= permitted_over_target) {
      best_fixed = std::max(best_fixed, rows.back().goodput);
    }
    if (size == o.max_batch_size) break;
    size = std::min<double>(o.max_batch_size,
                            std::max(size + comparison.fixed_stride, std::floor(size * 1.01)));
  }
  if (best_fixed == 0) best_fixed = best_at_all;  // none is permitted: all are compared
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].ratio_best_fixed = rows[i].goodput / best_fixed;
    rows[i].ratio_clairvoyant = rows[i].goodput / clairvoyant_goodput;
    rows[i].batches_to_converge = converged(traces[i], workload, best_fixed);
  }
  return rows;
}

}  // namespace reelmill::batching
