// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "resilience/batch.h"
#include "resilience/batch_accounts.h"
#include "resilience/batch_journal.h"
#include "resilience/batch_lane.h"
#include "resilience/batch_options.h"
#include "resilience/batch_snapshot.h"
#include "resilience/in_flight_search.h"
#include "resilience/option_problems.h"

namespace reelmill {

/// Collects items and says when a batch of them should leave, how large, and why. It binds late: a
/// batch stays open until there is a slot for it. It owns the items until they leave, and knows
/// neither threads nor calls. Not thread-safe: whoever owns the edge serialises it.
///
/// A batch leaves when a slot is free and the size wanted is reached, the bytes bind, the oldest
/// item has waited for `max_wait`, the batcher is drained, someone starves, or (`load_based` and
/// `hybrid`) nothing is in service and waiting would not pay. The strategy says what size is
/// wanted: `fixed` the initial one; `time_based` the largest; `adaptive` what the cost model of the
/// key found; `load_based` what keeps up with the arrivals; `hybrid` the larger of the last two.
template <class T>
class AdaptiveBatcher {
 public:
  /// Throws std::invalid_argument with every problem of the options.
  AdaptiveBatcher(BatchOptions options, Clock& clock)
      : options_(options),
        clock_(clock),
        began_(clock.now()),
        accounts_(options),
        in_flight_(options.max_in_flight) {
    if (const auto problems = validate(options); !problems.empty()) {
      throw std::invalid_argument("batch: " + joined(problems));
    }
  }

  void add_item(T item, std::size_t bytes = 0, BatchKey key = {}, SourceId source = {}) {
    const auto now = clock_.now();
    if (journal_) {
      journal_->write({.kind = BatchEvent::Kind::added,
                       .at = now - began_,
                       .bytes = bytes,
                       .key = key,
                       .source = source});
    }
    Lane& lane = lane_of(std::move(key), now);
    lane.used_at = ++added_;
    lane.arrivals.arrived(now);
    lane.model.arrived(bytes);
    lane.queue.push({std::move(item), bytes, now, added_}, source);
    if (bytes > options_.max_bytes) accounts_.oversize_item();
    ++queued_;
    queued_bytes_ += bytes;
    list(lane);
  }

  /// A batch that should leave now, if there is a slot for it. Ask again until nullopt.
  std::optional<Batch<T>> next(bool slot_free) {
    has_slot_ = slot_free;
    if (!may_leave()) return std::nullopt;
    const auto now = clock_.now();
    Lane& oldest = *by_age_.begin()->second;
    if (gate_ == Gate::probing) {
      return take(oldest, {BatchReason::probe, options_.min_batch_size}, now);
    }
    if (const auto reason = reason_to_leave(oldest, now)) {
      return take(oldest, {*reason, oldest.size}, now);
    }
    if (full_.empty()) return std::nullopt;
    Lane& full = *full_.begin()->second;
    return take(full, {*reason_to_leave(full, now), full.size}, now);
  }

  /// When to ask again without being told of a new item, a free slot (next(true)) or a batch that
  /// came back; max() when never.
  Clock::time_point wake_at() const {
    if (!has_slot_ || !may_leave()) return Clock::time_point::max();
    if (!full_.empty() || is_draining_ || gate_ == Gate::probing) return clock_.now();
    return saturating_add(by_age_.begin()->second->oldest_added, options_.max_wait);
  }

  /// A batch that left has come back, well or not. Each must be told, once.
  void completed(const BatchObservation& observation) {
    const auto now = clock_.now();
    const bool is_saturated = accounts_.in_flight() >= in_flight_.limit();
    const auto id = accounts_.completed(observation);
    if (journal_) {
      BatchEvent event{
          .kind = BatchEvent::Kind::completed, .at = now - began_, .observation = observation};
      event.observation.id = id;
      journal_->write(event);
    }
    if (id == gate_probe_) gate_probe_ = 0;
    if (observation.end == BatchEnd::not_reached) return;
    const auto found = lanes_.find(observation.key);
    if (found == lanes_.end()) return;
    Lane& lane = *found->second;
    lane.items_served += static_cast<std::uint64_t>(std::max(0, observation.n));
    if (!in_flight_.is_measuring()) observe(lane, observation);
    if (options_.strategy == BatchStrategy::hybrid && !lane.model.is_starting()) {
      search_in_flight(lane, observation, is_saturated, now);
    }
    renew(lane, now);
  }

  /// Someone waits for memory that the queued items hold. Say it again while it lasts.
  void starving() {
    journal(BatchEvent::Kind::starving);
    is_starving_ = true;
  }
  /// No more items will come for now: everything queued leaves as slots become free. An item added
  /// later ends the drain when the queue has been empty.
  void drain() {
    journal(BatchEvent::Kind::drain);
    is_draining_ = queued_ > 0;
  }
  /// The circuit breaker of the service is open: nothing leaves, not even at a deadline.
  void hold() { turn(Gate::held, BatchEvent::Kind::hold); }
  /// The breaker is half-open: one batch of `min_batch_size` items leaves at a time, as a probe.
  void probe() { turn(Gate::probing, BatchEvent::Kind::probe); }
  /// The breaker is closed again.
  void resume() { turn(Gate::open, BatchEvent::Kind::resume); }

  BatchSnapshot snapshot() const {
    BatchSnapshot snapshot = accounts_.snapshot();
    snapshot.queued = queued_;
    snapshot.queued_bytes = queued_bytes_;
    snapshot.keys = lanes_.size();
    snapshot.in_flight_limit = in_flight_.limit();
    const Lane* busiest = nullptr;
    for (const auto& [key, lane] : lanes_) {
      if (busiest == nullptr || lane->items_served > busiest->items_served ||
          (lane->items_served == busiest->items_served && lane->used_at > busiest->used_at)) {
        busiest = lane.get();
      }
    }
    snapshot.target = busiest ? busiest->size : BatchLane<T>({}, options_, began_).size;
    if (busiest) {
      snapshot.arrivals_a_second = busiest->arrivals.per_second(clock_.now());
      describe(busiest->model, options_, snapshot);
    }
    return snapshot;
  }
  /// Decisions over the whole run, thinned.
  const BatchHistory& history() const { return accounts_.history(); }
  /// Writes everything that happens from now on to `journal`, which must outlive the batcher or the
  /// next call; nullptr stops it. To be replayed, it must be there from the first item on.
  void record_to(BatchJournal* journal) { journal_ = journal; }

 private:
  using Lane = BatchLane<T>;
  using Listed = std::set<std::pair<std::uint64_t, Lane*>>;  ///< by the number of the oldest item
  enum class Gate { open, held, probing };
  struct Leave {
    BatchReason reason;
    int size;
  };
  static constexpr std::size_t most_idle_lanes = 512;

  bool may_leave() const {
    if (!has_slot_ || queued_ == 0 || gate_ == Gate::held) return false;
    if (gate_ == Gate::probing && gate_probe_ != 0) return false;
    return accounts_.in_flight() < in_flight_.limit();
  }

  void observe(Lane& lane, const BatchObservation& observation) {
    const auto changes = lane.model.regime_changes();
    lane.model.observe(observation);
    if (lane.model.regime_changes() != changes) in_flight_.reconsider();
  }

  void search_in_flight(Lane& lane, const BatchObservation& observation, bool is_saturated,
                        Clock::time_point now) {
    const double share = double(observation.succeeded) / std::max(1, observation.n);
    const double factor =
        in_flight_.completed({to_seconds(lane.model.predict(observation.n)) * share,
                              to_seconds(observation.service_time), is_saturated},
                             now);
    if (factor == 1) return;
    for (auto& [key, each] : lanes_) each->model.rescale(factor);
  }

  std::optional<BatchReason> reason_to_leave(const Lane& lane, Clock::time_point now) const {
    if (lane.queue.size() >= static_cast<std::size_t>(lane.size)) {
      return lane.is_probe ? BatchReason::probe : BatchReason::size;
    }
    if (lane.queue.bytes() >= options_.max_bytes) return BatchReason::bytes;
    if (is_draining_) return BatchReason::drain;
    if (now >= saturating_add(lane.oldest_added, options_.max_wait)) return BatchReason::deadline;
    if (accounts_.in_flight() > 0) return std::nullopt;
    if (is_starving_) return BatchReason::starved;
    if (would_waiting_pay(lane, now)) return std::nullopt;
    return BatchReason::idle;
  }

  /// Waiting pays while batches of the size at hand could not keep up with the arrivals.
  bool would_waiting_pay(const Lane& lane, Clock::time_point now) const {
    if (!looks_at_arrivals(options_.strategy) || lane.model.is_starting()) return true;
    const auto term = lane.model.arrival_term(lane.arrivals.per_second(now), in_flight_.limit());
    return !term || static_cast<double>(lane.queue.size()) < *term ||
           lane.queue.size() < static_cast<std::size_t>(options_.min_batch_size);
  }

  Lane& lane_of(BatchKey key, Clock::time_point now) {
    if (latest_ != nullptr && latest_->key == key) return *latest_;
    auto found = lanes_.find(key);
    if (found == lanes_.end()) {
      forget_idle_lanes();
      auto lane = std::make_unique<Lane>(key, options_, now);
      found = lanes_.emplace(std::move(key), std::move(lane)).first;
    }
    latest_ = found->second.get();
    return *latest_;
  }

  /// Keys come and go: the half of the empty lanes not used for longest is dropped when many.
  void forget_idle_lanes() {
    if (lanes_.size() < lanes_limit_) return;
    latest_ = nullptr;
    const auto before = added_ - std::min<std::uint64_t>(added_, lanes_limit_ / 2);
    std::erase_if(lanes_, [&](const auto& entry) {
      return entry.second->queue.empty() && entry.second->used_at < before;
    });
    lanes_limit_ = std::max(most_idle_lanes, 2 * lanes_.size());
  }

  void renew(Lane& lane, Clock::time_point now) {
    lane.renew_size(options_, in_flight_, now);
    list(lane);
  }

  /// Files the lane under its oldest item, and among the full ones if it is.
  void list(Lane& lane) {
    const std::uint64_t oldest = lane.queue.empty() ? 0 : lane.queue.oldest().number;
    const bool is_full = oldest != 0 && lane.is_full(options_);
    if (oldest == lane.oldest && is_full == lane.is_listed_full) return;
    if (lane.is_listed_full) full_.erase({lane.oldest, &lane});
    if (oldest != lane.oldest) {
      if (lane.oldest != 0) by_age_.erase({lane.oldest, &lane});
      if (oldest != 0) by_age_.insert({oldest, &lane});
      if (oldest != 0) lane.oldest_added = lane.queue.oldest().added;
      lane.oldest = oldest;
    }
    if (is_full) full_.insert({oldest, &lane});
    lane.is_listed_full = is_full;
  }

  Batch<T> take(Lane& lane, Leave leave, Clock::time_point now) {
    Batch<T> batch{{}, 0, lane.key, leave.reason, leave.size, {}, 0};
    auto& queue = lane.queue;
    const auto most = static_cast<std::size_t>(leave.size);
    batch.items.reserve(std::min(most, queue.size()));
    queue.favour_oldest();
    while (!queue.empty() && batch.items.size() < most) {
      const std::size_t bytes = queue.front().bytes;
      // An item larger than the limit travels alone rather than never.
      const bool is_over = batch.bytes > options_.max_bytes;
      if (!batch.items.empty() && (is_over || bytes > options_.max_bytes - batch.bytes)) {
        if (gate_ != Gate::probing) batch.reason = BatchReason::bytes;
        break;
      }
      batch.bytes += bytes;
      batch.items.push_back(std::move(queue.pop().item));
    }
    const int n = static_cast<int>(batch.items.size());
    queued_ -= batch.items.size();
    queued_bytes_ -= batch.bytes;
    batch.predicted = lane.model.predict(n);
    if (gate_ != Gate::probing && !in_flight_.is_measuring()) lane.model.left(n);
    if (queued_ == 0) is_draining_ = false;
    is_starving_ = false;
    BatchDecision decision{.at = now - began_,
                           .n = n,
                           .bytes = batch.bytes,
                           .target = batch.target,
                           .reason = batch.reason,
                           .predicted = batch.predicted};
    decision.id = batch.id = accounts_.left(decision, lane.key);
    if (gate_ == Gate::probing) gate_probe_ = batch.id;
    if (journal_) {
      journal_->write({.kind = BatchEvent::Kind::left, .at = decision.at, .decision = decision});
    }
    renew(lane, now);
    return batch;
  }

  void turn(Gate gate, BatchEvent::Kind event) {
    if (gate == gate_) return;  // said again; the probe in service is still one
    journal(event);
    gate_ = gate;
    gate_probe_ = 0;
  }

  void journal(BatchEvent::Kind kind) {
    if (journal_) journal_->write({.kind = kind, .at = clock_.now() - began_});
  }

  const BatchOptions options_;
  Clock& clock_;
  const Clock::time_point began_;
  BatchAccounts accounts_;
  InFlightSearch in_flight_;
  std::unordered_map<BatchKey, std::unique_ptr<Lane>> lanes_;
  std::size_t lanes_limit_ = most_idle_lanes;
  Lane* latest_ = nullptr;  ///< the lane of the item added last
  Listed by_age_, full_;    ///< lanes with items; those that could leave but for a slot
  std::uint64_t added_ = 0;
  std::size_t queued_ = 0, queued_bytes_ = 0;
  bool has_slot_ = true, is_starving_ = false, is_draining_ = false;
  Gate gate_ = Gate::open;
  std::uint64_t gate_probe_ = 0;  ///< id of the half-open breaker's probe in service; 0 = none
  BatchJournal* journal_ = nullptr;
};

}  // namespace reelmill
