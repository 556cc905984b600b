// SPDX-License-Identifier: Apache-2.0
// The adaptive test of the circuit breaker beside fixed thresholds: calls to a false trip on a
// healthy service, calls until a change is noticed, and both against each other.
//
//     adaptive_breaker [--calls N] [--runs N] [--seed N]
#include <cmath>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include "benchmarks/simulation/trip_trials.h"

namespace {

using namespace reelmill;
using namespace reelmill::simulation;

struct Test {
  std::string name;
  CircuitBreakerOptions options;
};

const std::vector<Test>& tests() {
  static const std::vector<Test> all = {
      {"adaptive, false_trip_calls 1e7", adaptive_only(1e7)},
      {"adaptive, false_trip_calls 1e4", adaptive_only(1e4)},
      {"five in a row", five_in_a_row()},
      {"50 % of 100, from 20 calls", fixed_rate(0.5, 20)},
      {"10 % of 100, from 100 calls", fixed_rate(0.1, 100)},
  };
  return all;
}

struct Change {
  double before, after;
};
constexpr std::array changes = {Change{0.01, 1.0}, Change{0.01, 0.5}, Change{0.01, 0.2},
                                Change{0.1, 0.5}};
constexpr std::array healthy_rates = {0.001, 0.01, 0.05, 0.1, 0.2};
constexpr double burst = 5;
constexpr int longest_delay = 20'000;

std::string count(double n) {
  if (n >= 1e6) return fmt::format("{:.1f} M", n / 1e6);
  if (n >= 1e4) return fmt::format("{:.0f} k", n / 1e3);
  return fmt::format("{:.0f}", n);
}

void print_false_trips(double mean_burst, int runs, std::int64_t calls, std::uint64_t seed) {
  fmt::print("\n### Calls to a false trip, {}\n\n| test |",
             mean_burst > 1 ? fmt::format("bursts of {} calls, 80 % of which fail", mean_burst)
                            : "independent failures");
  for (const double rate : healthy_rates) fmt::print(" {:g} % |", 100 * rate);
  fmt::print("\n|---|---|---|---|---|---|\n");
  for (const Test& test : tests()) {
    fmt::print("| {} |", test.name);
    for (const double rate : healthy_rates) {
      const auto t =
          false_trips(test.options, {.rate = rate, .burst = mean_burst}, runs, calls / runs, seed);
      fmt::print(" {}{} |", t.trips == 0 ? "> " : "", count(t.calls_per_trip()));
      std::fflush(stdout);
    }
    fmt::print("\n");
  }
}

void print_promise(double promised, int runs, std::uint64_t seed) {
  constexpr std::int64_t each = 30'000;
  fmt::print(
      "\n### The promise: at least {} calls a false trip, learning included\n\n"
      "{} breakers that know nothing, {} calls each\n\n| healthy rate | false trips | "
      "calls a false trip |\n|---|---|---|\n",
      count(promised / 3), runs, count(each));
  for (const double rate : healthy_rates) {
    const auto t = false_trips(adaptive_only(promised), {.rate = rate}, runs, each, seed);
    fmt::print("| {:g} % | {} | {}{} |\n", 100 * rate, t.trips, t.trips == 0 ? "> " : "",
               count(t.calls_per_trip()));
  }
}

void print_delays(int runs, std::uint64_t seed) {
  fmt::print("\n### Calls until a change is noticed, mean (95 %)\n\n| test |");
  for (const Change& c : changes) fmt::print(" {:g} → {:g} % |", 100 * c.before, 100 * c.after);
  fmt::print("\n|---|---|---|---|---|\n");
  for (const Test& test : tests()) {
    fmt::print("| {} |", test.name);
    for (const Change& c : changes) {
      const auto delay =
          detection_delay(test.options, {.rate = c.before}, c.after, runs, longest_delay, seed);
      if (delay.undetected * 2 > runs) {
        fmt::print(" > {} |", count(longest_delay));
      } else {
        fmt::print(" {:.3g} ({:.3g}) |", delay.mean, delay.p95);
      }
      std::fflush(stdout);
    }
    fmt::print("\n");
  }
}

void print_equal_delay(int runs, std::int64_t calls, std::uint64_t seed) {
  fmt::print(
      "\n### Bursts: trips at equal detection delay\n\n| change | five in a row: delay | "
      "adaptive: false_trip_calls | delay | five in a row: trips a million calls | "
      "adaptive | fewer by |\n|---|---|---|---|---|---|---|\n");
  for (const Change& c : changes) {
    const Failures before{.rate = c.before, .burst = burst};
    const auto row = detection_delay(five_in_a_row(), before, c.after, runs, longest_delay, seed);
    const double limit = limit_for_delay(row.mean, before, c.after, runs, longest_delay, seed);
    const auto row_trips = false_trips(five_in_a_row(), before, 1, calls, seed);
    const double row_rate = 1e6 * row_trips.trips / row_trips.calls;
    fmt::print("| {:g} → {:g} % | {:.3g} |", 100 * c.before, 100 * c.after, row.mean);
    if (limit == 0) {
      fmt::print(" none is as fast | | {:.3g} | | |\n", row_rate);
      continue;
    }
    const auto delay = detection_delay(adaptive_only(limit), before, c.after, runs, longest_delay,
                                       seed + 1'000'000);
    const auto trips = false_trips(adaptive_only(limit), before, 1, calls, seed);
    const double rate = 1e6 * trips.trips / trips.calls;
    const double at_least = 1e6 / trips.calls;  // what one trip would be
    fmt::print(" {:.1g} | {:.3g} | {:.3g} | {:.3g} | {}{:.3g} x |\n", limit, delay.mean, row_rate,
               rate, trips.trips == 0 ? "> " : "", row_rate / std::max(rate, at_least));
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Calls to a false trip and to a true one");
  std::int64_t calls = 10'000'000;
  int runs = 1000;
  std::uint64_t seed = 1;
  app.add_option("--calls", calls, "healthy calls for each cell")->check(CLI::PositiveNumber);
  app.add_option("--runs", runs, "changes for each cell")->check(CLI::PositiveNumber);
  app.add_option("--seed", seed, "of every draw");
  CLI11_PARSE(app, argc, argv);
  print_false_trips(1, 10, calls, seed);
  print_false_trips(burst, 10, calls, seed);
  print_promise(1e4, static_cast<int>(calls / 30'000) + 1, seed);
  print_delays(runs, seed);
  print_equal_delay(runs, calls, seed);
}
