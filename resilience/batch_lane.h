// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "resilience/arrival_rate.h"
#include "resilience/batch_cost_model.h"
#include "resilience/fair_queue.h"
#include "resilience/in_flight_search.h"

namespace reelmill {

/// The items of one compatibility key, what their batches cost, and the size the next one should
/// have. It does not decide when a batch leaves. Not thread-safe.
template <class T>
class BatchLane {
 public:
  BatchLane(BatchKey lane_key, const BatchOptions& options, Clock::time_point now)
      : key(std::move(lane_key)), model(options), arrivals(memory_for(options, Duration(0)), now) {
    renew_size(options, InFlightSearch(options.max_in_flight), now);
  }

  /// Items the next batch should have, from the model and, for the strategies that look at them,
  /// the arrivals.
  void renew_size(const BatchOptions& options, const InFlightSearch& in_flight,
                  Clock::time_point now) {
    // Items that follow what leaves come in bursts, one a batch.
    if (looks_at_arrivals(options.strategy)) {
      arrivals.remember(memory_for(options, model.predict(size)));
    }
    if (in_flight.is_measuring()) {
      if (is_probe) size = model.target();
      is_probe = false;
      return;
    }
    size = size_for(options, in_flight.limit(), now);
    is_probe = learns(options.strategy) && size == model.plan().size &&
               model.plan().purpose == BatchPlan::Purpose::probe;
  }

  bool is_full(const BatchOptions& options) const {
    return queue.size() >= static_cast<std::size_t>(size) || queue.bytes() >= options.max_bytes;
  }

  const BatchKey key;
  FairQueue<T> queue;
  BatchCostModel model;
  ArrivalRate arrivals;
  int size = 1;
  bool is_probe = false;
  std::uint64_t items_served = 0;
  std::uint64_t used_at = 0;  ///< number of the item added last

  // Where the batcher has listed this lane.
  std::uint64_t oldest = 0;  ///< number of the item that waits longest; 0 = no item
  Clock::time_point oldest_added{};
  bool is_listed_full = false;

 private:
  static Duration memory_for(const BatchOptions& options, Duration service_time) {
    const Duration shortest = std::chrono::milliseconds(100);
    return 8 * std::min(std::max({options.max_wait, service_time, shortest}),
                        Duration(std::chrono::hours(24)));
  }

  int size_for(const BatchOptions& options, int in_flight, Clock::time_point now) const {
    const auto& plan = model.plan();
    switch (options.strategy) {
      case BatchStrategy::fixed:
        return options.initial_batch_size;
      case BatchStrategy::time_based:
        return options.max_batch_size;
      case BatchStrategy::adaptive:
        return plan.size;
      case BatchStrategy::load_based:
      case BatchStrategy::hybrid:
        break;
    }
    if (model.is_starting() || plan.purpose == BatchPlan::Purpose::probe) return plan.size;
    const auto term = model.arrival_term(arrivals.per_second(now), in_flight);
    if (!term) return plan.size;
    // Beyond the cheapest size more arrivals are no reason for larger batches.
    const int most = std::max(options.min_batch_size, std::min(model.cheapest(), model.cap()));
    const int needed = static_cast<int>(
        std::clamp(std::ceil(*term), double(options.min_batch_size), double(most)));
    return options.strategy == BatchStrategy::hybrid ? std::max(plan.size, needed) : needed;
  }
};

}  // namespace reelmill
