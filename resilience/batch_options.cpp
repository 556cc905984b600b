// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_options.h"

#include "resilience/batch.h"
#include "resilience/option_problems.h"

namespace reelmill {

std::string_view to_string(BatchStrategy strategy) noexcept {
  switch (strategy) {
    case BatchStrategy::fixed:
      return "fixed";
    case BatchStrategy::adaptive:
      return "adaptive";
    case BatchStrategy::time_based:
      return "time_based";
    case BatchStrategy::load_based:
      return "load_based";
    case BatchStrategy::hybrid:
      return "hybrid";
  }
  return "unknown";
}

bool learns(BatchStrategy strategy) noexcept {
  return strategy != BatchStrategy::fixed && strategy != BatchStrategy::time_based;
}

bool looks_at_arrivals(BatchStrategy strategy) noexcept {
  return strategy == BatchStrategy::load_based || strategy == BatchStrategy::hybrid;
}

std::string_view to_string(BatchReason reason) noexcept {
  switch (reason) {
    case BatchReason::size:
      return "size";
    case BatchReason::bytes:
      return "bytes";
    case BatchReason::deadline:
      return "deadline";
    case BatchReason::drain:
      return "drain";
    case BatchReason::idle:
      return "idle";
    case BatchReason::starved:
      return "starved";
    case BatchReason::probe:
      return "probe";
  }
  return "unknown";
}

BatchOptions single_item_batches() {
  return {.strategy = BatchStrategy::fixed,
          .initial_batch_size = 1,
          .min_batch_size = 1,
          .max_batch_size = 1,
          .max_wait = Duration::zero()};
}

std::vector<std::string> validate(const BatchOptions& options) {
  OptionProblems problems;
  problems.check_range("min_batch_size", options.min_batch_size, 1, 1e6);
  problems.check_range("max_batch_size", options.max_batch_size, 1, 1e6);
  if (options.max_batch_size < options.min_batch_size) {
    problems.add("max_batch_size", "must be at least min_batch_size");
  }
  if (options.initial_batch_size < options.min_batch_size ||
      options.initial_batch_size > options.max_batch_size) {
    problems.add("initial_batch_size", "must lie between min_batch_size and max_batch_size");
  }
  problems.check_range("target_processing_time", options.target_processing_time, Duration(1),
                       longest_duration);
  problems.check_range("adaptation_factor", options.adaptation_factor, 0.001, 1);
  problems.check_range("max_wait", options.max_wait, Duration::zero(), longest_duration);
  if (options.strategy == BatchStrategy::time_based && options.max_wait == Duration::zero()) {
    problems.add("max_wait", "must be above 0 with time_based, which goes by nothing else");
  }
  if (options.max_bytes == 0) problems.add("max_bytes", "must be above 0");
  problems.check_range("max_in_flight", options.max_in_flight, 1, 10000);
  return problems.take();
}

}  // namespace reelmill
