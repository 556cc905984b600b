// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace reelmill {

/// Brings events to listeners in the order in which they were added, one at a time, outside every
/// lock. A listener may throw (what it throws is dropped), add events, or add listeners. Whoever
/// calls deliver() first delivers for all; the others return at once. Thread-safe.
template <class Event>
class EventQueue {
 public:
  using Listener = std::function<void(const Event&)>;

  void listen(Listener listener) {
    std::lock_guard lock(mutex_);
    auto listeners = std::make_shared<std::vector<Listener>>(*listeners_);
    listeners->push_back(std::move(listener));
    listeners_ = std::move(listeners);
  }

  /// May be called with locks held; follow it with deliver() when they are released.
  void add(Event event) {
    std::lock_guard lock(mutex_);
    if (!listeners_->empty()) events_.push_back(std::move(event));
  }

  void deliver() {
    std::unique_lock lock(mutex_);
    if (delivering_) return;
    delivering_ = true;
    while (!events_.empty()) {
      const Event event = std::move(events_.front());
      events_.pop_front();
      const auto listeners = listeners_;
      lock.unlock();
      for (const Listener& listener : *listeners) {
        try {
          listener(event);
        } catch (...) {  // a listener's fault is its own
        }
      }
      lock.lock();
    }
    delivering_ = false;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const std::vector<Listener>> listeners_ =
      std::make_shared<std::vector<Listener>>();
  std::deque<Event> events_;
  bool delivering_ = false;
};

}  // namespace reelmill
