// SPDX-License-Identifier: Apache-2.0
// What the batcher itself costs an item: adding it, and its share of the batch that takes it out
// and comes back.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "resilience/adaptive_batcher.h"

namespace {

using namespace reelmill;

/// `keys` compatibility keys, `sources` videos, a queue of `queued` items that never runs dry.
void push_and_release(benchmark::State& state, BatchStrategy strategy) {
  const auto keys = static_cast<std::size_t>(state.range(0));
  const auto sources = static_cast<std::uint64_t>(state.range(1));
  const auto queued = state.range(2);
  std::vector<BatchKey> names;
  for (std::size_t i = 0; i < keys; ++i) names.push_back("1280x720/yuv420p/" + std::to_string(i));
  BatchOptions options{.strategy = strategy, .max_in_flight = 1};
  options.max_wait = std::chrono::hours(1);
  AdaptiveBatcher<int> batcher(options, system_clock());
  std::uint64_t added = 0;
  const auto add = [&] {
    batcher.add_item(static_cast<int>(added), 1000, names[added % keys], added / keys % sources);
    ++added;
  };
  while (static_cast<std::int64_t>(added) < queued) add();
  std::int64_t missing = 0, released = 0;
  for (auto _ : state) {
    add();
    ++missing;
    // A slot is free only while the queue is longer than at the beginning: an iteration that may
    // take out more than the one item it adds empties the queue, ten items at the price of one.
    while (auto batch = batcher.next(missing > 0)) {
      const int n = static_cast<int>(batch->items.size());
      missing -= n;
      released += n;
      batcher.completed({.n = n,
                         .bytes = batch->bytes,
                         .service_time = std::chrono::microseconds(50'000 + 4'000 * n),
                         .succeeded = n,
                         .key = batch->key,
                         .id = batch->id});
    }
  }
  state.counters["items"] = static_cast<double>(released);
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"keys", "sources", "queued"});
  bench->Args({1, 1, 0})->Args({1, 1000, 10000})->Args({100, 10, 10000})->Args({1000, 1, 1000000});
}

BENCHMARK_CAPTURE(push_and_release, fixed, BatchStrategy::fixed)->Apply(sizes);
BENCHMARK_CAPTURE(push_and_release, hybrid, BatchStrategy::hybrid)->Apply(sizes);

/// Asking while nothing may leave: the price of a wake-up that was not needed.
void ask_in_vain(benchmark::State& state) {
  BatchOptions options{.max_in_flight = 1};
  options.max_wait = std::chrono::hours(1);
  AdaptiveBatcher<int> batcher(options, system_clock());
  for (int i = 0; i < state.range(0); ++i) batcher.add_item(i, 0, std::to_string(i));
  for (auto _ : state) benchmark::DoNotOptimize(batcher.next(true));
}
BENCHMARK(ask_in_vain)->Arg(1)->Arg(1000);

}  // namespace
