// SPDX-License-Identifier: Apache-2.0
// Laws of the batcher, for any options, arrivals, failures and breaker states.
#include <map>
#include <set>

#include <rapidcheck/gtest.h>

#include "base/manual_clock.h"
#include "resilience/adaptive_batcher.h"

namespace reelmill::testing {
namespace {

using namespace std::chrono_literals;

BatchOptions any_options() {
  BatchOptions options;
  options.strategy =
      *rc::gen::element(BatchStrategy::fixed, BatchStrategy::adaptive, BatchStrategy::time_based,
                        BatchStrategy::load_based, BatchStrategy::hybrid);
  options.min_batch_size = *rc::gen::inRange(1, 5);
  options.max_batch_size = options.min_batch_size + *rc::gen::inRange(0, 40);
  options.initial_batch_size =
      *rc::gen::inRange(options.min_batch_size, options.max_batch_size + 1);
  options.max_wait = *rc::gen::element<Duration>(0s, 1ms, 200ms, 1h);
  if (options.strategy == BatchStrategy::time_based) {
    options.max_wait = std::max<Duration>(1ms, options.max_wait);
  }
  options.target_processing_time = *rc::gen::element<Duration>(1ms, 100ms, 1h);
  options.max_bytes = *rc::gen::element<std::size_t>(1, 50, 500, std::size_t{1} << 40);
  options.max_in_flight = *rc::gen::inRange(1, 5);
  return options;
}

struct Item {
  int number = 0;
  std::size_t bytes = 0;
  BatchKey key;
  SourceId source = 0;
};

/// Adds, takes and completes at random, and checks the laws at each step.
class Trial {
 public:
  Trial() : options_(any_options()), batcher_(options_, clock_) {}

  void step() {
    switch (*rc::gen::weightedElement<int>({{8, 0}, {4, 1}, {3, 2}, {3, 3}, {1, 4}})) {
      case 0:
        return add({.number = added_++,
                    .bytes = *rc::gen::element<std::size_t>(0, 1, 7, 60, 600),
                    .key = *rc::gen::element<BatchKey>("a", "b", "c"),
                    .source = *rc::gen::inRange<SourceId>(0, 4)});
      case 1:
        return take(*rc::gen::arbitrary<bool>());
      case 2:
        return complete();
      case 3:
        return clock_.advance(*rc::gen::element<Duration>(1ns, 1ms, 100ms, 10s));
      default:
        return turn(*rc::gen::inRange(0, 5));
    }
  }

  /// With the breaker closed and every slot free, everything comes out.
  void finish() {
    batcher_.resume();
    is_held_ = is_probing_ = false;
    while (!in_service_.empty()) complete_first(1ms, 1000);
    for (int guard = 0; !queued_.empty(); ++guard) {
      RC_ASSERT(guard < 10000);
      batcher_.drain();
      const auto before = queued_.size();
      take(true);
      RC_ASSERT(queued_.size() < before);
      while (!in_service_.empty()) complete_first(1ms, 1000);
    }
    RC_ASSERT(done_.size() == static_cast<std::size_t>(added_));
    RC_ASSERT(batcher_.snapshot().queued == 0u);
    RC_ASSERT(batcher_.snapshot().queued_bytes == 0u);
    RC_ASSERT(batcher_.wake_at() == Clock::time_point::max());
  }

 private:
  struct InService {
    Batch<Item> batch;
    bool was_probe;
  };

  void add(Item item) {
    queued_.insert(item.number);
    batcher_.add_item(item, item.bytes, item.key, item.source);
  }

  void take(bool slot_free) {
    const int in_flight = batcher_.snapshot().in_flight;
    auto batch = batcher_.next(slot_free);
    if (!batch) return;
    RC_ASSERT(slot_free);
    RC_ASSERT(!is_held_);
    RC_ASSERT(in_flight < options_.max_in_flight);
    RC_ASSERT(!batch->items.empty());
    RC_ASSERT(std::ssize(batch->items) <= options_.max_batch_size);
    if (is_probing_) {
      RC_ASSERT(std::ssize(batch->items) <= options_.min_batch_size);
      RC_ASSERT(batch->reason == BatchReason::probe);
    }
    std::size_t bytes = 0;
    for (const auto& item : batch->items) {
      RC_ASSERT(queued_.erase(item.number) == 1u);  // neither unknown nor sent twice
      RC_ASSERT(item.key == batch->key);
      bytes += item.bytes;
      if (returned_.contains(item.number)) continue;
      auto& latest = latest_[{item.key, item.source}];
      RC_ASSERT(item.number >= latest);
      latest = item.number;
    }
    RC_ASSERT(bytes == batch->bytes);
    RC_ASSERT(bytes <= options_.max_bytes || batch->items.size() == 1);
    in_service_.push_back({std::move(*batch), is_probing_});
  }

  void complete() {
    if (in_service_.empty()) return;
    complete_first(*rc::gen::element<Duration>(0s, 1ms, 20ms, 5s),
                   *rc::gen::element(0, 1, 2, 1000));
  }

  /// The first `successes` items go through; the others come again.
  void complete_first(Duration taken, int successes) {
    const auto batch = std::move(in_service_.front().batch);
    in_service_.erase(in_service_.begin());
    const int n = static_cast<int>(batch.items.size());
    batcher_.completed({.n = n,
                        .bytes = batch.bytes,
                        .service_time = taken,
                        .succeeded = std::min(n, successes),
                        .key = batch.key,
                        .end = successes == 0 ? BatchEnd::not_reached : BatchEnd::served,
                        .id = batch.id});
    for (int i = 0; i < n; ++i) {
      const auto& item = batch.items[static_cast<std::size_t>(i)];
      if (i < successes) {
        RC_ASSERT(done_.insert(item.number).second);
      } else {
        returned_.insert(item.number);
        add(item);
      }
    }
  }

  void turn(int what) {
    if (what == 0) batcher_.drain();
    if (what == 1) batcher_.starving();
    if (what < 2) return;
    is_held_ = what == 2;
    is_probing_ = what == 3;
    if (what == 2) batcher_.hold();
    if (what == 3) batcher_.probe();
    if (what == 4) batcher_.resume();
  }

  const BatchOptions options_;
  ManualClock clock_;
  AdaptiveBatcher<Item> batcher_;
  int added_ = 0;
  bool is_held_ = false, is_probing_ = false;
  std::set<int> queued_, done_, returned_;
  std::map<std::pair<BatchKey, SourceId>, int> latest_;
  std::vector<InService> in_service_;
};

RC_GTEST_PROP(AdaptiveBatcherLaw, NothingIsLostOrDoubledOrOutOfOrderOrOverACap, ()) {
  Trial trial;
  const int steps = *rc::gen::inRange(1, 400);
  for (int i = 0; i < steps; ++i) trial.step();
  trial.finish();
}

}  // namespace
}  // namespace reelmill::testing
