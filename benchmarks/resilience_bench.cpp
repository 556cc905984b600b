// SPDX-License-Identifier: Apache-2.0
// What a circuit breaker costs a call, in units of the machine: a clock read, an uncontended
// fetch_add, and a plain mutex breaker, all measured in the same rounds. Each round runs everything
// once, and ratios are taken within a round, so that a slower machine slows both sides.
//
//     resilience_bench [--rounds=N] [--benchmark_min_time=SECONDS] [--benchmark_filter=REGEX]
//
// Exits with 1 when the median of a ratio lies above its goal.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <spdlog/fmt/fmt.h>

#include "base/clock.h"
#include "benchmarks/mutex_breaker.h"
#include "resilience/circuit_breaker.h"

namespace reelmill::bench {
namespace {

using namespace std::chrono_literals;

void clock_read(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(std::chrono::steady_clock::now());
}
BENCHMARK(clock_read)->UseRealTime();

alignas(64) std::atomic<std::uint64_t> counter{0};
void fetch_add(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(counter.fetch_add(1, std::memory_order_relaxed));
  }
}
BENCHMARK(fetch_add)->UseRealTime();

Error outage() {
  return {ErrorKind::unavailable, "down"};
}

void mutex_closed(benchmark::State& state) {
  static MutexBreaker breaker(system_clock());
  for (auto _ : state) {
    benchmark::DoNotOptimize(breaker.acquire());
    breaker.succeed();
  }
}
BENCHMARK(mutex_closed)->UseRealTime()->Threads(1)->Threads(2);

void mutex_open(benchmark::State& state) {
  MutexBreaker breaker(system_clock());
  for (int i = 0; i < 5; ++i) breaker.fail();
  for (auto _ : state) benchmark::DoNotOptimize(breaker.acquire());
}
BENCHMARK(mutex_open)->UseRealTime();

void call(CircuitBreaker& breaker) {
  auto permit = breaker.acquire();
  benchmark::DoNotOptimize(permit);
  if (permit) permit->succeed();
}

void closed(benchmark::State& state) {
  static CircuitBreaker breaker("service", {}, system_clock());
  for (auto _ : state) call(breaker);
}
BENCHMARK(closed)->UseRealTime()->Threads(1)->Threads(2);

void closed_adaptive(benchmark::State& state) {
  static CircuitBreaker breaker("service", {.adaptive = true}, system_clock());
  for (auto _ : state) call(breaker);
}
BENCHMARK(closed_adaptive)->UseRealTime();

void closed_slow_watched(benchmark::State& state) {
  static CircuitBreaker breaker("service", {.slow_call_duration = 1h}, system_clock());
  for (auto _ : state) call(breaker);
}
BENCHMARK(closed_slow_watched)->UseRealTime()->Threads(1)->Threads(2);

void open(benchmark::State& state) {
  CircuitBreaker breaker("service", {.failure_threshold = 1, .timeout = 10min}, system_clock());
  breaker.acquire()->fail(outage());
  for (auto _ : state) {
    auto refused = breaker.acquire();
    benchmark::DoNotOptimize(refused);
  }
}
BENCHMARK(open)->UseRealTime();

/// Collects the time of each benchmark, round by round.
class Rounds final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      times[run.benchmark_name()].push_back(run.GetAdjustedRealTime());
    }
  }
  std::map<std::string, std::vector<double>> times;  ///< ns an iteration
};

struct Spread {
  double median, low, high;
};

Spread spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

struct Goal {
  std::string_view what;
  std::string subject;
  std::vector<std::pair<double, std::string>> yardstick;  ///< a sum of times
  double at_most;
};

const std::vector<Goal>& goals() {
  const std::string clock = "clock_read/real_time", add = "fetch_add/real_time";
  static const std::vector<Goal> all = {
      {"closed call / (3 fetch_add)", "closed/real_time/threads:1", {{3, add}}, 1},
      {"closed adaptive call / (3 fetch_add)", "closed_adaptive/real_time", {{3, add}}, 1},
      {"closed call, slow watched / (2 clock reads + 3 fetch_add)",
       "closed_slow_watched/real_time/threads:1",
       {{2, clock}, {3, add}},
       1},
      {"open refusal / (1 clock read + 2 fetch_add)", "open/real_time", {{1, clock}, {2, add}}, 1},
      {"closed call / mutex breaker, 1 thread",
       "closed/real_time/threads:1",
       {{1, "mutex_closed/real_time/threads:1"}},
       0.5},
      {"closed call / mutex breaker, 2 threads",
       "closed/real_time/threads:2",
       {{1, "mutex_closed/real_time/threads:2"}},
       0.3},
  };
  return all;
}

int report(const Rounds& rounds) {
  fmt::print("{:<42} {:>8} {:>8} {:>8}   ns a call\n", "benchmark", "median", "least", "most");
  for (const auto& [name, times] : rounds.times) {
    const Spread s = spread(times);
    fmt::print("{:<42} {:8.1f} {:8.1f} {:8.1f}\n", name, s.median, s.low, s.high);
  }
  fmt::print("\n{:<58} {:>6} {:>6} {:>6} {:>6}\n", "ratio, within each round", "median", "least",
             "most", "goal");
  int missed = 0;
  for (const Goal& goal : goals()) {
    const auto subject = rounds.times.find(goal.subject);
    if (subject == rounds.times.end()) continue;
    std::vector<double> ratios;
    for (std::size_t round = 0; round < subject->second.size(); ++round) {
      double yardstick = 0;
      for (const auto& [weight, name] : goal.yardstick) {
        const auto found = rounds.times.find(name);
        if (found != rounds.times.end()) yardstick += weight * found->second[round];
      }
      if (yardstick > 0) ratios.push_back(subject->second[round] / yardstick);
    }
    if (ratios.empty()) continue;
    const Spread s = spread(ratios);
    const bool is_missed = s.median > goal.at_most;
    missed += is_missed ? 1 : 0;
    fmt::print("{:<58} {:6.2f} {:6.2f} {:6.2f} {:6.2f}{}\n", goal.what, s.median, s.low, s.high,
               goal.at_most, is_missed ? "  MISSED" : "");
  }
  return missed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace reelmill::bench

int main(int argc, char** argv) {
  int rounds = 11;
  std::vector<char*> passed;
  constexpr std::string_view option = "--rounds=";
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument(argv[i]);
    if (argument.starts_with(option)) {
      rounds = std::max(1, std::atoi(argv[i] + option.size()));
    } else {
      passed.push_back(argv[i]);
    }
  }
  int count = static_cast<int>(passed.size());
  benchmark::Initialize(&count, passed.data());
  if (benchmark::ReportUnrecognizedArguments(count, passed.data())) return 2;
  reelmill::bench::Rounds collected;
  for (int round = 0; round < rounds; ++round) benchmark::RunSpecifiedBenchmarks(&collected);
  return reelmill::bench::report(collected);
}
