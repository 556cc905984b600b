// SPDX-License-Identifier: Apache-2.0
#include "resilience/outcome_window.h"

#include <algorithm>

namespace reelmill {

CountWindow::CountWindow(int calls)
    : capacity_(static_cast<std::uint64_t>(calls)), failures_(capacity_), slow_(capacity_) {}

void CountWindow::Positions::push(std::uint64_t position) {
  if (size_ == ring_.size()) {  // full: the oldest is outside the window by now
    first_ = (first_ + 1) % ring_.size();
    --size_;
  }
  ring_[(first_ + size_) % ring_.size()] = position;
  ++size_;
}

void CountWindow::Positions::drop_before(std::uint64_t position) {
  while (size_ > 0 && ring_[first_] < position) {
    first_ = (first_ + 1) % ring_.size();
    --size_;
  }
}

WindowCounts CountWindow::counts(std::uint64_t calls) {
  if (calls > capacity_) {
    failures_.drop_before(calls - capacity_);
    slow_.drop_before(calls - capacity_);
  }
  return {std::min(calls, capacity_), failures_.size(), slow_.size()};
}

void CountWindow::clear() {
  failures_.clear();
  slow_.clear();
}

TimeWindow::TimeWindow(Duration window, int buckets)
    : width_(std::max<Duration::rep>(1, window.count() / buckets)),
      buckets_(static_cast<std::size_t>(buckets)) {}

void TimeWindow::advance_to(Clock::time_point now) {
  const auto bucket = now.time_since_epoch().count() / width_;
  const auto passed = bucket - latest_;
  if (passed <= 0) return;
  if (passed >= static_cast<Duration::rep>(buckets_.size())) {
    clear();
  } else {
    for (auto b = latest_ + 1; b <= bucket; ++b) {
      WindowCounts& leaving = buckets_[static_cast<std::size_t>(b) % buckets_.size()];
      sum_.calls -= leaving.calls;
      sum_.failures -= leaving.failures;
      sum_.slow -= leaving.slow;
      leaving = {};
    }
  }
  latest_ = bucket;
}

void TimeWindow::add(Clock::time_point now, bool failed, bool slow) {
  advance_to(now);
  for (WindowCounts* counts :
       {&buckets_[static_cast<std::size_t>(latest_) % buckets_.size()], &sum_}) {
    ++counts->calls;
    counts->failures += failed ? 1 : 0;
    counts->slow += slow ? 1 : 0;
  }
}

WindowCounts TimeWindow::counts(Clock::time_point now) {
  advance_to(now);
  return sum_;
}

void TimeWindow::clear() {
  std::fill(buckets_.begin(), buckets_.end(), WindowCounts{});
  sum_ = {};
}

}  // namespace reelmill
