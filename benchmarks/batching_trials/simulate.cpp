// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/batching_trials/simulate.h"

#include <algorithm>
#include <cmath>
#include <queue>

#include "base/manual_clock.h"

namespace reelmill::batching {
namespace {

struct InService {
  double back, left, seconds, expected;
  Batch<Item> batch;
  int in_flight;
};

class Run {
 public:
  Run(const Policy& policy, const Workload& workload, std::uint64_t seed)
      : workload_(workload),
        service_(workload),
        edge_(policy.make(workload, clock_)),
        began_(clock_.now()),
        arrivals_(seed),
        times_(seed ^ 0x9e3779b97f4a7c15ull),
        failures_(seed ^ 0xda942042e4dd58b5ull) {
    next_arrival_ = workload.burst > 0 || workload.rate > 0 ? 0 : never;
  }

  Trace go(Until until) {
    while (trace_.batches.size() < until.batches && now_ < until.seconds) step();
    check();
    return std::move(trace_);
  }

 private:
  static constexpr double never = 1e300;

  void step() {
    refill();
    while (static_cast<int>(service_line_.size()) < workload_.options.max_in_flight) {
      auto batch = edge_->next(true);
      if (!batch) break;
      send(std::move(*batch));
      refill();
    }
    const bool has_slot = static_cast<int>(service_line_.size()) < workload_.options.max_in_flight;
    if (!has_slot) edge_->next(false);
    double next = next_arrival_;
    if (!service_line_.empty()) next = std::min(next, soonest()->back);
    if (has_slot && edge_->queued() > 0) next = std::min(next, seconds_of(edge_->wake_at()));
    const bool is_idle = service_line_.empty() && edge_->queued() == 0;
    next = std::max(next, now_);
    if (is_idle) trace_.idle.emplace_back(now_, next);
    now_ = next;
    clock_.set(began_ + Duration(std::llround(now_ * 1e9)));
    while (!service_line_.empty() && soonest()->back <= now_) come_back();
    while (next_arrival_ <= now_) arrive();
  }

  double seconds_of(Clock::time_point time) const {
    return time == Clock::time_point::max() ? never : to_seconds(time - began_);
  }

  std::vector<InService>::iterator soonest() {
    return std::min_element(service_line_.begin(), service_line_.end(),
                            [](auto& a, auto& b) { return a.back < b.back; });
  }

  void refill() {
    if (next_arrival_ != never) return;
    const auto wanted = 2 * static_cast<std::size_t>(workload_.options.max_batch_size);
    while (edge_->queued() < wanted) add_new();
  }

  void arrive() {
    if (workload_.burst > 0) {
      for (int i = 0; i < workload_.burst; ++i) add_new();
      next_arrival_ += workload_.every;
    } else {
      add_new();
      next_arrival_ += std::exponential_distribution<>(workload_.rate)(arrivals_);
    }
  }

  void add_new() {
    Item item{.number = static_cast<std::uint32_t>(states_.size())};
    const double tail = workload_.tail;
    if (tail > 0) {
      item.weight =
          static_cast<float>(std::lognormal_distribution<>(-tail * tail / 2, tail)(arrivals_));
    }
    item.bytes = static_cast<std::uint32_t>(workload_.mb * 1048576);
    if (workload_.mixed) {
      static constexpr std::uint32_t sizes[] = {640 * 360 * 3, 1920 * 1080 * 3, 3840 * 2160 * 3};
      item.bytes = sizes[std::discrete_distribution<>({5, 4, 1})(arrivals_)];
    }
    if (workload_.sources > 1) {
      item.source = std::bernoulli_distribution(1 / (workload_.sources + 1))(arrivals_) ? 1 : 0;
    }
    states_.push_back(State::queued);
    edge_->add(item);
  }

  void send(Batch<Item> batch) {
    if (batch.bytes > workload_.options.max_bytes && batch.items.size() > 1) {
      trace_.has_byte_overrun = true;
    }
    double mb = 0;
    for (const auto& item : batch.items) {
      if (states_[item.number] != State::queued && states_[item.number] != State::again) {
        ++trace_.doubled;
      }
      if (states_[item.number] == State::queued) {
        auto& latest = latest_[item.source];
        if (item.number < latest) trace_.is_out_of_order = true;
        latest = item.number;
      }
      states_[item.number] = State::in_service;
      mb += item.bytes / 1048576.0;
    }
    const int in_flight = static_cast<int>(service_line_.size()) + 1;
    const double seconds = service_.draw(batch.items, now_, in_flight, times_);
    const auto n = static_cast<double>(batch.items.size());
    const double expected = service_.expected(n, n, mb, now_);
    service_line_.push_back({now_ + seconds, now_, seconds, expected, std::move(batch), in_flight});
  }

  void come_back() {
    const auto first = soonest();
    const InService done = std::move(*first);
    service_line_.erase(first);
    const int n = static_cast<int>(done.batch.items.size());
    std::vector<bool> failed(done.batch.items.size());
    bool has_failed = false;
    if (workload_.fail > 0) {
      std::bernoulli_distribution fails(workload_.fail);
      for (std::size_t i = 0; i < failed.size(); ++i) {
        failed[i] = fails(failures_);
        has_failed |= failed[i];
      }
    }
    int succeeded = 0;
    for (std::size_t i = 0; i < failed.size(); ++i) {
      const auto& item = done.batch.items[i];
      const bool fails = failed[i] || (has_failed && workload_.fails_whole);
      states_[item.number] = fails ? State::again : State::done;
      if (fails) edge_->add(item);
      succeeded += fails ? 0 : 1;
    }
    edge_->completed({.n = n,
                      .bytes = done.batch.bytes,
                      .service_time = Duration(std::llround(done.seconds * 1e9)),
                      .succeeded = succeeded,
                      .in_flight = done.in_flight,
                      .key = done.batch.key,
                      .id = done.batch.id});
    trace_.batches.push_back({done.left, done.back, n, succeeded, done.batch.target, done.seconds,
                              done.expected, done.batch.reason});
  }

  /// Every item is done, waits in the edge or is in service.
  void check() {
    std::uint64_t waiting = 0, serving = 0, held = 0;
    for (const auto state : states_) {
      waiting += state == State::queued || state == State::again ? 1 : 0;
      serving += state == State::in_service ? 1 : 0;
    }
    for (const auto& line : service_line_) held += line.batch.items.size();
    const auto expected = edge_->queued() + held;
    trace_.lost = waiting + serving > expected ? waiting + serving - expected : 0;
  }

  enum class State : std::uint8_t { queued, in_service, again, done };

  const Workload workload_;
  const Service service_;
  ManualClock clock_;
  std::unique_ptr<Edge> edge_;
  const Clock::time_point began_;
  std::mt19937_64 arrivals_, times_, failures_;
  double now_ = 0, next_arrival_ = never;
  std::vector<InService> service_line_;
  std::vector<State> states_;  ///< by item
  std::uint32_t latest_[2] = {0, 0};
  Trace trace_;
};

}  // namespace

Trace simulate(const Policy& policy, const Workload& workload, std::uint64_t seed, Until until) {
  return Run(policy, workload, seed).go(until);
}

}  // namespace reelmill::batching
