// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <barrier>
#include <thread>
#include <vector>

namespace reelmill::testing {

constexpr int threads = 12;  // more than there are stripes

/// Runs `body(thread)` on that many threads, all starting together, none ending before the others.
template <class Body>
void together(Body body) {
  std::barrier meeting(threads);
  std::vector<std::jthread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      meeting.arrive_and_wait();
      body(thread);
      meeting.arrive_and_wait();
    });
  }
}

}  // namespace reelmill::testing
