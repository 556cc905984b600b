// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "resilience/adaptive_batcher.h"

namespace reelmill {

/// What a queue needs to know of the service that its calls go to.
struct ServiceState {
  Clock::time_point paused_until = Clock::time_point::min();  ///< no call is admitted before
  bool is_on_trial = false;                                   ///< it has just come back, perhaps
  bool needs_operator = false;                                ///< only a person can bring it back
};

/// The queue of one lane: what waits for a call, and what travels next. Items that are to be tried
/// again wait here for their time; then the batcher decides in which company they leave. While the
/// service is paused nothing leaves, and a service on trial gets the smallest batch. Knows neither
/// threads nor calls. Not thread-safe: the lane serialises it.
template <class Item>
class CallQueue {
 public:
  struct Entry {
    Item item;
    std::size_t bytes = 0;
    BatchKey key = {};
    SourceId source = {};
  };
  /// What travels in one call. Every one of them ends in completed() or abandoned().
  struct Outgoing {
    std::vector<Entry> entries;
    std::size_t bytes = 0;
    BatchKey key = {};
    int in_flight = 1;         ///< calls under way when it left, itself included
    bool was_batched = false;  ///< by the batcher, which wants to hear how it fared
    Duration predicted{0};     ///< service time; 0 = not known
    std::uint64_t id = 0;      ///< of the batch
  };

  CallQueue(BatchOptions options, Clock& clock)
      : max_in_flight_(options.max_in_flight), clock_(clock), batcher_(options, clock) {}

  /// The item may leave from `ready_at` on.
  void add(Entry entry, Clock::time_point ready_at) {
    ++size_;
    waiting_.emplace(ready_at, std::move(entry));
  }
  /// These leave together and with nobody else.
  void add_together(std::vector<Entry> entries, Clock::time_point ready_at) {
    size_ += entries.size();
    groups_.emplace(ready_at, std::move(entries));
  }

  /// What a free thread should send now, if anything. Ask again until nullopt.
  std::optional<Outgoing> next(const ServiceState& service) {
    const auto now = clock_.now();
    hand_over(now);
    was_paused_ = service.paused_until > now;
    was_paused_ ? batcher_.hold() : service.is_on_trial ? batcher_.probe() : batcher_.resume();
    if (was_paused_ || in_flight_ >= max_in_flight_) return std::nullopt;
    if (is_draining_) batcher_.drain();
    const bool has_group = !groups_.empty() && groups_.begin()->first <= now;
    if (has_group && !service.is_on_trial) return leave_together();
    if (auto batch = batcher_.next(true)) return leave(std::move(*batch));
    // On trial a group, which cannot be made smaller, goes alone.
    if (has_group && in_flight_ == 0) return leave_together();
    return std::nullopt;
  }

  /// When to ask again, unless something is added or comes back before; max() = not at all.
  Clock::time_point wake_at(const ServiceState& service) const {
    if (size_ == 0 || in_flight_ >= max_in_flight_) return Clock::time_point::max();
    // The pause that next() saw may have ended since: then ask again at once.
    if (was_paused_ || service.paused_until > clock_.now()) return service.paused_until;
    auto wake = batcher_.wake_at();
    // What should have left and did not waits for a place, not for a time.
    if (wake <= clock_.now()) wake = Clock::time_point::max();
    if (!waiting_.empty()) wake = std::min(wake, waiting_.begin()->first);
    if (!groups_.empty()) wake = std::min(wake, groups_.begin()->first);
    return wake;
  }

  /// A call has been answered, and its time says what a batch of this size costs.
  void completed(const Outgoing& call, Duration service_time, int succeeded) {
    --in_flight_;
    if (!call.was_batched) return;
    batcher_.completed({.n = static_cast<int>(call.entries.size()),
                        .bytes = call.bytes,
                        .service_time = service_time,
                        .succeeded = succeeded,
                        .in_flight = call.in_flight,
                        .key = call.key,
                        .id = call.id});
  }
  /// A call was not made, or ended in a way that says nothing of its cost.
  void abandoned(const Outgoing& call) {
    --in_flight_;
    if (call.was_batched)
      batcher_.completed({.n = static_cast<int>(call.entries.size()),
                          .bytes = call.bytes,
                          .in_flight = call.in_flight,
                          .key = call.key,
                          .end = BatchEnd::not_reached,
                          .id = call.id});
  }

  /// No more items will come from outside: what is here leaves without waiting for company.
  void drain() { is_draining_ = true; }
  /// Someone waits for memory that the queued items hold. Say it again while it lasts.
  void starving() { batcher_.starving(); }

  /// What waits, which thereby does not leave. While calls are under way some of it may stay: ask
  /// again when they are back.
  std::vector<Entry> take_all() {
    std::vector<Entry> entries;
    batcher_.resume();
    batcher_.drain();
    while (auto batch = batcher_.next(true)) {
      batcher_.completed({.key = batch->key, .end = BatchEnd::not_reached, .id = batch->id});
      std::move(batch->items.begin(), batch->items.end(), std::back_inserter(entries));
    }
    for (auto& [at, entry] : waiting_) entries.push_back(std::move(entry));
    for (auto& [at, group] : groups_)
      std::move(group.begin(), group.end(), std::back_inserter(entries));
    waiting_.clear();
    groups_.clear();
    size_ -= entries.size();
    return entries;
  }

  std::size_t size() const { return size_; }  ///< items waiting
  int in_flight() const { return in_flight_; }
  BatchSnapshot snapshot() const { return batcher_.snapshot(); }
  const BatchHistory& history() const { return batcher_.history(); }

 private:
  void hand_over(Clock::time_point now) {
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
      Entry& entry = waiting_.begin()->second;
      const auto bytes = entry.bytes;
      const auto source = entry.source;
      auto key = entry.key;
      batcher_.add_item(std::move(entry), bytes, std::move(key), source);
      waiting_.erase(waiting_.begin());
    }
  }

  Outgoing leave(Batch<Entry> batch) {
    size_ -= batch.items.size();
    return {.entries = std::move(batch.items),
            .bytes = batch.bytes,
            .key = std::move(batch.key),
            .in_flight = ++in_flight_,
            .was_batched = true,
            .predicted = batch.predicted,
            .id = batch.id};
  }

  Outgoing leave_together() {
    Outgoing call{.entries = std::move(groups_.begin()->second)};
    groups_.erase(groups_.begin());
    for (const auto& entry : call.entries) call.bytes += entry.bytes;
    call.key = call.entries.front().key;
    size_ -= call.entries.size();
    call.in_flight = ++in_flight_;
    return call;
  }

  const int max_in_flight_;
  Clock& clock_;
  AdaptiveBatcher<Entry> batcher_;
  std::multimap<Clock::time_point, Entry> waiting_;              ///< by ready_at
  std::multimap<Clock::time_point, std::vector<Entry>> groups_;  ///< by ready_at; none is empty
  std::size_t size_ = 0;
  int in_flight_ = 0;
  bool is_draining_ = false;
  bool was_paused_ = false;  ///< when next() was asked last
};

}  // namespace reelmill
