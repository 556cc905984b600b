// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/simulation/virtual_threads.h"

#include <algorithm>

namespace reelmill::simulation {

void VirtualThreads::spawn(std::function<void()> body) {
  fibers_.push_back(std::make_unique<Fiber>());
  fibers_.back()->body = std::move(body);
  sleeping_.push({now_, next_order_++, fibers_.back().get()});
}

void VirtualThreads::run() {
  if (fibers_.empty()) return;
  for (auto& fiber : fibers_) {
    fiber->thread = std::jthread([this, own = fiber.get()] {
      own->turn.acquire();
      own->body();
      hand_over();
    });
  }
  hand_over();
  finished_.acquire();
  for (auto& fiber : fibers_) fiber->thread.join();
}

bool VirtualThreads::sleep_until(time_point when, std::stop_token stop) {
  if (stop.stop_requested()) return false;
  Fiber* own = running_;
  sleeping_.push({std::max(when, now_), next_order_++, own});
  if (sleeping_.top().fiber == own) {
    now_ = sleeping_.top().when;
    sleeping_.pop();
  } else {
    hand_over();
    own->turn.acquire();
  }
  return !stop.stop_requested();
}

void VirtualThreads::hand_over() {
  if (sleeping_.empty()) {
    finished_.release();
    return;
  }
  const Wake next = sleeping_.top();
  sleeping_.pop();
  now_ = next.when;
  running_ = next.fiber;
  next.fiber->turn.release();
}

}  // namespace reelmill::simulation
