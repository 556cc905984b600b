// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/batching_trials/workload.h"

#include <cmath>
#include <cstdlib>

#include <spdlog/fmt/fmt.h>

namespace reelmill::batching {
namespace {

using namespace std::chrono_literals;

BatchOptions options(Duration target, int in_flight = 1) {
  return {.target_processing_time = target, .max_in_flight = in_flight};
}

bool assign(Workload& workload, std::string_view key, double value) {
  const auto milliseconds = [&] { return Duration(std::llround(value * 1e6)); };
  const auto whole = static_cast<int>(std::lround(value));
  auto& o = workload.options;
  const std::pair<std::string_view, double*> numbers[] = {
      {"b", &workload.b},
      {"a", &workload.a},
      {"c", &workload.c},
      {"q", &workload.q},
      {"knee", &workload.knee},
      {"slope", &workload.slope},
      {"jump", &workload.jump},
      {"noise", &workload.noise},
      {"tail", &workload.tail},
      {"outlier", &workload.outlier},
      {"outlier_factor", &workload.outlier_factor},
      {"fail", &workload.fail},
      {"b2", &workload.b2},
      {"a2", &workload.a2},
      {"knee2", &workload.knee2},
      {"period", &workload.period},
      {"burst", &workload.burst},
      {"every", &workload.every},
      {"rate", &workload.rate},
      {"sources", &workload.sources},
      {"mb", &workload.mb},
      {"servers", &workload.servers}};
  for (const auto& [name, number] : numbers) {
    if (name == key) {
      *number = value;
      return true;
    }
  }
  if (key == "fails_whole")
    workload.fails_whole = value != 0;
  else if (key == "drifts")
    workload.drifts = value != 0;
  else if (key == "mixed")
    workload.mixed = value != 0;
  else if (key == "target")
    o.target_processing_time = milliseconds();
  else if (key == "wait")
    o.max_wait = milliseconds();
  else if (key == "min")
    o.min_batch_size = whole;
  else if (key == "max")
    o.max_batch_size = whole;
  else if (key == "initial")
    o.initial_batch_size = whole;
  else if (key == "slots")
    o.max_in_flight = whole;
  else if (key == "max_mb")
    o.max_bytes = static_cast<std::size_t>(value * (1 << 20));
  else
    return false;
  return true;
}

}  // namespace

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all{
      {.name = "overhead-heavy", .b = 100, .a = 4, .options = options(1s)},
      {.name = "compute-bound", .b = 2, .a = 20, .options = options(1s)},
      {.name = "knee", .b = 50, .a = 4, .knee = 32, .options = options(1s)},
      {.name = "overhead-jump",
       .b = 20,
       .a = 4,
       .q = 0.02,
       .b2 = 200,
       .period = 600,
       .options = options(1s)},
      {.name = "moving-knee",
       .b = 50,
       .a = 4,
       .knee = 20,
       .knee2 = 60,
       .period = 500,
       .options = options(1s)},
      {.name = "heavy-tailed-items", .b = 40, .a = 4, .tail = 1.2, .options = options(1s)},
      {.name = "drifting-overhead",
       .b = 20,
       .a = 4,
       .q = 0.02,
       .b2 = 200,
       .period = 1000,
       .drifts = true,
       .options = options(1s)},
      {.name = "outliers", .b = 50, .a = 4, .outlier = 0.02, .options = options(1s)},
      {.name = "latency-bound", .b = 50, .a = 10, .noise = 0.08, .options = options(300ms)},
      {.name = "item-failure", .b = 100, .a = 4, .fail = 0.01, .options = options(1s)},
      {.name = "bursts", .b = 50, .a = 4, .burst = 400, .every = 5, .options = options(1s)},
      {.name = "two-sources", .b = 30, .a = 5, .sources = 20, .mb = 0.1, .options = options(1s)},
      {.name = "mixed-bytes", .b = 50, .a = 2, .c = 2, .mixed = true, .options = options(1s)},
      // Beyond the specification's list.
      {.name = "batch-failure",
       .b = 100,
       .a = 4,
       .fail = 0.01,
       .fails_whole = true,
       .options = options(1s)},
      {.name = "knee-wall", .b = 80, .a = 3, .knee = 23, .jump = 200, .options = options(1s)},
      {.name = "parallel-service", .b = 100, .a = 4, .servers = 3, .options = options(1s, 4)},
      {.name = "serial-service", .b = 100, .a = 4, .servers = 1, .options = options(5s, 4)},
      {.name = "steady-arrivals", .b = 100, .a = 4, .rate = 60, .options = options(1s)},
  };
  return all;
}

Result<Workload> parse_workload(std::string_view text) {
  Workload workload;
  workload.name = text;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const std::string number(equals == part.npos ? "" : part.substr(equals + 1));
    char* rest = nullptr;
    const double value = std::strtod(number.c_str(), &rest);
    if (number.empty() || *rest != '\0' || !std::isfinite(value)) {
      return tl::unexpected(
          Error{ErrorKind::invalid_input, fmt::format("workload: '{}' is not KEY=NUMBER", part)});
    }
    if (!assign(workload, part.substr(0, equals), value)) {
      return tl::unexpected(
          Error{ErrorKind::invalid_input,
                fmt::format("workload: there is no key '{}'", part.substr(0, equals))});
    }
  }
  auto& o = workload.options;
  o.initial_batch_size = std::clamp(o.initial_batch_size, o.min_batch_size, o.max_batch_size);
  return workload;
}

}  // namespace reelmill::batching
