// SPDX-License-Identifier: Apache-2.0
#include "resilience/striped_count.h"

#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/resilience/threads_together.h"

namespace reelmill::testing {
namespace {

TEST(ThreadStripe, NoTwoThreadsThatAreAliveOwnTheSame) {
  std::vector<std::size_t> owned(threads);
  together([&](int thread) {
    ASSERT_LT(ThreadStripe::index(), ThreadStripe::count);
    owned[static_cast<std::size_t>(thread)] = ThreadStripe::owned();
  });
  std::erase(owned, 0u);
  EXPECT_EQ(std::set(owned.begin(), owned.end()).size(), owned.size());
  EXPECT_GE(owned.size(), ThreadStripe::count - 1);  // the thread of the tests may own the last
  EXPECT_LE(owned.size(), ThreadStripe::count);
}

TEST(ThreadStripe, IsDealtAgainWhenItsOwnerEnds) {
  for (std::size_t i = 0; i < 3 * ThreadStripe::count; ++i) {
    std::jthread([] {
      ThreadStripe::index();
      EXPECT_NE(ThreadStripe::owned(), 0u);
    }).join();
  }
}

TEST(StripedCount, StartsWithNothing) {
  EXPECT_EQ(StripedCount().total(), 0u);
}

TEST(StripedCount, LosesNothingUnderMoreThreadsThanStripes) {
  StripedCount count;
  together([&](int) {
    for (int i = 0; i < 10'000; ++i) count.add();
  });
  EXPECT_EQ(count.total(), 10'000u * threads);
}

TEST(StripedCount, LosesNothingWhileThreadsComeAndGo) {
  StripedCount count;
  together([&](int) {
    for (int i = 0; i < 50; ++i) {
      std::jthread([&] {
        for (int j = 0; j < 100; ++j) count.add();
      }).join();
      count.add();
    }
  });
  EXPECT_EQ(count.total(), threads * 50u * 101u);
}

TEST(StripedCount, NeverFallsWhileItRises) {
  StripedCount count;
  std::jthread reader([&](std::stop_token stop) {
    for (std::uint64_t last = 0; !stop.stop_requested();) {
      const auto now = count.total();
      EXPECT_GE(now, last);
      last = now;
    }
  });
  together([&](int) {
    for (int i = 0; i < 10'000; ++i) count.add();
  });
}

TEST(StripedCount, CountsInTheLastDestructorsOfAThreadToo) {
  StripedCount count;
  struct Late {
    explicit Late(StripedCount& counted) : count(counted) {}
    ~Late() {
      // Somebody else owns the stripe by now, and counts meanwhile.
      std::jthread other([this] {
        for (int i = 0; i < 10'000; ++i) count.add();
      });
      for (int i = 0; i < 10'000; ++i) count.add();
      EXPECT_EQ(ThreadStripe::owned(), 0u);
    }
    StripedCount& count;
  };
  std::jthread([&] {
    thread_local const Late late(count);  // before the first addition, so destroyed after its place
    count.add();
  }).join();
  EXPECT_EQ(count.total(), 20'001u);
}

}  // namespace
}  // namespace reelmill::testing
