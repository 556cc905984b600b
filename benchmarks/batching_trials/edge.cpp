// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/batching_trials/edge.h"

#include <algorithm>
#include <cmath>

#include "resilience/adaptive_batcher.h"
#include "resilience/fair_queue.h"

namespace reelmill::batching {
namespace {

class Ours final : public Edge {
 public:
  Ours(const BatchOptions& options, Clock& clock) : batcher_(options, clock) {}
  void add(const Item& item) override {
    batcher_.add_item(item, item.bytes, {}, item.source);
    ++queued_;
  }
  std::optional<Batch<Item>> next(bool slot_free) override {
    auto batch = batcher_.next(slot_free);
    if (batch) queued_ -= batch->items.size();
    return batch;
  }
  Clock::time_point wake_at() override { return batcher_.wake_at(); }
  void completed(const BatchObservation& observation) override { batcher_.completed(observation); }
  std::size_t queued() const override { return queued_; }

 private:
  AdaptiveBatcher<Item> batcher_;
  std::size_t queued_ = 0;
};

/// What comparators share: the queue, and the releases for size, bytes and deadline.
class Sized : public Edge {
 public:
  Sized(const BatchOptions& options, Clock& clock) : options_(options), clock_(clock) {}

  void add(const Item& item) override {
    queue_.push({item, item.bytes, clock_.now(), ++added_}, item.source);
  }
  std::optional<Batch<Item>> next(bool slot_free) override {
    if (!slot_free || queue_.empty()) return std::nullopt;
    const auto size = static_cast<std::size_t>(
        std::clamp(this->size(), options_.min_batch_size, options_.max_batch_size));
    const bool is_due = clock_.now() >= queue_.oldest().added + options_.max_wait;
    if (queue_.size() < size && queue_.bytes() < options_.max_bytes && !is_due) return std::nullopt;
    Batch<Item> batch;
    batch.target = static_cast<int>(size);
    batch.reason = queue_.size() >= size ? BatchReason::size : BatchReason::deadline;
    queue_.favour_oldest();
    while (!queue_.empty() && batch.items.size() < size) {
      const auto bytes = queue_.front().bytes;
      if (!batch.items.empty() && batch.bytes + bytes > options_.max_bytes) {
        batch.reason = BatchReason::bytes;
        break;
      }
      batch.bytes += bytes;
      batch.items.push_back(queue_.pop().item);
    }
    return batch;
  }
  Clock::time_point wake_at() override {
    return queue_.empty() ? Clock::time_point::max() : queue_.oldest().added + options_.max_wait;
  }
  std::size_t queued() const override { return queue_.size(); }

 protected:
  virtual int size() const = 0;
  const BatchOptions options_;
  Clock& clock_;

 private:
  FairQueue<Item> queue_;
  std::uint64_t added_ = 0;
};

class Fixed final : public Sized {
 public:
  Fixed(const BatchOptions& options, Clock& clock, int size) : Sized(options, clock), size_(size) {}
  void completed(const BatchObservation&) override {}

 private:
  int size() const override { return size_; }
  const int size_;
};

class Controlled final : public Sized {
 public:
  using Step = double (*)(double size, bool is_over);
  Controlled(const BatchOptions& options, Clock& clock, Step step)
      : Sized(options, clock), step_(step), size_(options.initial_batch_size) {}
  void completed(const BatchObservation& observation) override {
    size_ =
        std::clamp<double>(step_(size_, observation.service_time > options_.target_processing_time),
                           options_.min_batch_size, options_.max_batch_size);
  }

 private:
  int size() const override { return static_cast<int>(std::lround(size_)); }
  const Step step_;
  double size_;
};

class Clairvoyant final : public Sized {
 public:
  Clairvoyant(const Workload& workload, Clock& clock)
      : Sized(workload.options, clock),
        service_(workload),
        is_moving_(workload.is_moving()),
        began_(clock.now()),
        size_(service_.best_size(0)) {}
  void completed(const BatchObservation&) override {
    if (is_moving_) size_ = service_.best_size(to_seconds(clock_.now() - began_));
  }

 private:
  int size() const override { return size_; }
  const Service service_;
  const bool is_moving_;
  const Clock::time_point began_;
  int size_;
};

}  // namespace

Policy batcher(BatchStrategy strategy) {
  return {std::string(to_string(strategy)), [strategy](const Workload& workload, Clock& clock) {
            auto options = workload.options;
            options.strategy = strategy;
            return std::make_unique<Ours>(options, clock);
          }};
}

Policy fixed_size(int size) {
  return {"fixed-" + std::to_string(size), [size](const Workload& workload, Clock& clock) {
            return std::make_unique<Fixed>(workload.options, clock, size);
          }};
}

Policy ten_percent() {
  return {"ten-percent", [](const Workload& workload, Clock& clock) {
            return std::make_unique<Controlled>(
                workload.options, clock,
                [](double size, bool is_over) { return is_over ? size * 0.9 : size * 1.1; });
          }};
}

Policy aimd() {
  return {"aimd", [](const Workload& workload, Clock& clock) {
            return std::make_unique<Controlled>(
                workload.options, clock,
                [](double size, bool is_over) { return is_over ? size / 2 : size + 1; });
          }};
}

Policy clairvoyant() {
  return {"clairvoyant", [](const Workload& workload, Clock& clock) {
            return std::make_unique<Clairvoyant>(workload, clock);
          }};
}

}  // namespace reelmill::batching
