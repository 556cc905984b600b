// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_accounts.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "base/units.h"

namespace reelmill {

std::string_view to_string(BatchBound bound) noexcept {
  switch (bound) {
    case BatchBound::cost:
      return "cost";
    case BatchBound::max_batch_size:
      return "max_batch_size";
    case BatchBound::max_bytes:
      return "max_bytes";
    case BatchBound::target_time:
      return "target_processing_time";
  }
  return "unknown";
}

BatchAccounts::BatchAccounts(const BatchOptions& options)
    : target_time_(options.target_processing_time) {
  counts_.strategy = options.strategy;
}

std::uint64_t BatchAccounts::left(BatchDecision decision, const BatchKey& key) {
  decision.id = ++counts_.batches;
  counts_.items += static_cast<std::uint64_t>(decision.n);
  counts_.bytes += decision.bytes;
  ++counts_.reasons[static_cast<std::size_t>(decision.reason)];
  in_service_.add({decision.id, key, decision.n});
  history_.add(decision);
  return decision.id;
}

std::uint64_t BatchAccounts::completed(const BatchObservation& observation) {
  const auto entry = in_service_.take(observation);
  if (!entry) return 0;
  ++counts_.completed;
  if (observation.end == BatchEnd::not_reached) return entry->id;
  counts_.succeeded_items += static_cast<std::uint64_t>(std::max(0, observation.succeeded));
  counts_.service_time += observation.service_time;
  if (observation.service_time > target_time_) ++counts_.over_target;
  history_.complete(entry->id, observation.service_time);
  return entry->id;
}

BatchSnapshot BatchAccounts::snapshot() const {
  auto snapshot = counts_;
  snapshot.in_flight = in_service_.count();
  if (oversize_items_ > 0) {
    snapshot.warnings.push_back(
        fmt::format("max_bytes: {} items were larger than a batch may be and travelled alone",
                    oversize_items_));
  }
  return snapshot;
}

void describe(const BatchCostModel& model, const BatchOptions& options, BatchSnapshot& snapshot) {
  snapshot.fit = model.fit();
  snapshot.efficiency = model.efficiency_factors();
  snapshot.bound = model.bound();
  snapshot.headroom = model.headroom();
  snapshot.spread = model.spread();
  snapshot.regime_changes = model.regime_changes();
  snapshot.is_falling_back = model.is_falling_back();
  if (model.is_target_out_of_reach()) {
    snapshot.warnings.push_back(
        fmt::format("target_processing_time: {} is below the {} that {} takes",
                    format_duration(options.target_processing_time),
                    format_duration(model.predict(options.min_batch_size)),
                    options.min_batch_size == 1 ? "one item" : "a batch of min_batch_size items"));
  }
  if (model.is_falling_back()) {
    snapshot.warnings.emplace_back(
        model.fit().points < 2
            ? "batches had one size only, so what others would cost is not known: the size follows "
              "the target time"
            : "the service's times fit no cost curve: the size follows the target time instead");
  }
}

}  // namespace reelmill
