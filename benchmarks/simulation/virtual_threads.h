// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <semaphore>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace reelmill::simulation {

/// Runs blocking code on many threads in virtual time, one thread at a time, so that a simulated
/// hour takes no longer than its work and two runs with the same seeds are equal. It is the clock
/// of that code: whoever sleeps hands over to the thread that wakes first, in the order of going to
/// sleep where two wake at once. The code must wait in no other way. Stop tokens are looked at
/// before and after a sleep, not during it.
class VirtualThreads final : public Clock {
 public:
  VirtualThreads() = default;

  /// Adds a thread that starts when run() is called, in the order of the calls.
  void spawn(std::function<void()> body);
  /// Runs until every thread has ended. Once for an object.
  void run();

  time_point now() const noexcept override { return now_; }
  /// From a spawned thread.
  bool sleep_until(time_point when, std::stop_token stop) override;

 private:
  struct Fiber {
    std::function<void()> body;
    std::binary_semaphore turn{0};
    std::jthread thread;
  };
  struct Wake {
    time_point when;
    std::uint64_t order;
    Fiber* fiber;
    bool operator>(const Wake& other) const {
      return when != other.when ? when > other.when : order > other.order;
    }
  };

  void hand_over();

  time_point now_{std::chrono::hours(1)};
  std::uint64_t next_order_ = 0;
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> sleeping_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Fiber* running_ = nullptr;
  std::binary_semaphore finished_{0};
};

}  // namespace reelmill::simulation
