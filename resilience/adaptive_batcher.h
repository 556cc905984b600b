// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/clock.h"
#include "resilience/batch.h"
#include "resilience/batch_options.h"
#include "resilience/fair_queue.h"
#include "resilience/option_problems.h"

namespace reelmill {

/// Collects items and says when a batch of them should leave, how large, and why. It binds late: a
/// batch stays open until there is a slot for it. It owns the items until they leave, and knows
/// neither threads nor calls. Not thread-safe: whoever owns the edge serialises it.
///
/// Strategy `fixed`: a batch leaves with `initial_batch_size` items, or with fewer when the bytes
/// bind, the oldest item has waited for `max_wait`, someone starves, or the batcher is drained.
template <class T>
class AdaptiveBatcher {
 public:
  /// Throws std::invalid_argument with every problem of the options.
  AdaptiveBatcher(BatchOptions options, Clock& clock) : options_(options), clock_(clock) {
    if (const auto problems = validate(options); !problems.empty()) {
      throw std::invalid_argument("batch: " + joined(problems));
    }
    snapshot_.strategy = options.strategy;
  }

  void add_item(T item, std::size_t bytes = 0, BatchKey key = {}, SourceId source = {}) {
    buckets_[std::move(key)].push({std::move(item), bytes, clock_.now()}, source);
  }

  /// A batch that should leave now, if there is a slot for it. Ask again until nullopt.
  std::optional<Batch<T>> next(bool slot_free) {
    if (!slot_free || snapshot_.in_flight >= options_.max_in_flight) return std::nullopt;
    const auto now = clock_.now();
    // Among buckets that may leave, the one whose oldest item has waited longest.
    auto chosen = buckets_.end();
    std::optional<BatchReason> reason;
    for (auto bucket = buckets_.begin(); bucket != buckets_.end(); ++bucket) {
      const auto why = reason_to_leave(bucket->second, now);
      if (!why) continue;
      if (chosen == buckets_.end() || bucket->second.oldest() < chosen->second.oldest()) {
        chosen = bucket;
        reason = why;
      }
    }
    if (chosen == buckets_.end()) return std::nullopt;
    return take(chosen, *reason);
  }

  /// When to ask again without being told of a new item or a free slot; max() when never.
  Clock::time_point wake_at() const {
    auto wake = Clock::time_point::max();
    for (const auto& [key, bucket] : buckets_) {
      wake = std::min(wake, saturating_add(bucket.oldest(), options_.max_wait));
    }
    return wake;
  }

  /// A batch that left has come back, well or not.
  void completed(const BatchObservation& observation) {
    snapshot_.in_flight = std::max(0, snapshot_.in_flight - 1);
    ++snapshot_.completed;
    snapshot_.succeeded_items += static_cast<std::uint64_t>(std::max(0, observation.succeeded));
    snapshot_.service_time += observation.service_time;
  }

  /// Someone waits for memory that the queued items hold.
  void starving() { is_starving_ = true; }
  /// No more items will come for now: everything queued leaves as slots become free. An item added
  /// later ends the drain when the queue has been empty.
  void drain() { is_draining_ = !buckets_.empty(); }

  BatchSnapshot snapshot() const {
    BatchSnapshot snapshot = snapshot_;
    snapshot.target = target();
    for (const auto& [key, bucket] : buckets_) {
      snapshot.queued += bucket.size();
      snapshot.queued_bytes += bucket.bytes();
    }
    return snapshot;
  }

 private:
  using Bucket = FairQueue<T>;
  using Buckets = std::map<BatchKey, Bucket>;

  int target() const { return options_.initial_batch_size; }

  std::optional<BatchReason> reason_to_leave(const Bucket& bucket, Clock::time_point now) const {
    if (bucket.size() >= static_cast<std::size_t>(target())) return BatchReason::size;
    if (bucket.bytes() >= options_.max_bytes) return BatchReason::bytes;
    if (is_draining_) return BatchReason::drain;
    if (now >= saturating_add(bucket.oldest(), options_.max_wait)) return BatchReason::deadline;
    if (is_starving_ && snapshot_.in_flight == 0) return BatchReason::starved;
    return std::nullopt;
  }

  Batch<T> take(typename Buckets::iterator chosen, BatchReason reason) {
    Bucket& bucket = chosen->second;
    Batch<T> batch{{}, 0, chosen->first, reason, target(), {}};
    bucket.favour_oldest();
    while (!bucket.empty() && batch.items.size() < static_cast<std::size_t>(target())) {
      const std::size_t bytes = bucket.front().bytes;
      // An item larger than the limit travels alone rather than never.
      if (!batch.items.empty() &&
          bytes > options_.max_bytes - std::min(options_.max_bytes, batch.bytes)) {
        batch.reason = BatchReason::bytes;
        break;
      }
      batch.bytes += bytes;
      batch.items.push_back(std::move(bucket.pop().item));
    }
    if (bucket.empty()) buckets_.erase(chosen);
    if (buckets_.empty()) is_draining_ = false;
    is_starving_ = false;
    ++snapshot_.in_flight;
    ++snapshot_.batches;
    snapshot_.items += batch.items.size();
    snapshot_.bytes += batch.bytes;
    ++snapshot_.reasons[static_cast<std::size_t>(batch.reason)];
    return batch;
  }

  const BatchOptions options_;
  Clock& clock_;
  Buckets buckets_;  ///< by key; none is empty
  bool is_starving_ = false, is_draining_ = false;
  BatchSnapshot snapshot_;
};

}  // namespace reelmill
