// SPDX-License-Identifier: Apache-2.0
// Many threads on one breaker: exact totals, one opening per storm, never a probe too many.
#include <barrier>
#include <thread>

#include "tests/resilience/breaker_fixture.h"

namespace reelmill::testing {
namespace {

constexpr int threads = 10;
constexpr int calls = 10'000;

/// Runs `body(thread, call)` that often on each thread, all starting together.
template <class Body>
void storm(Body&& body) {
  std::barrier start(threads);
  std::vector<std::jthread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      start.arrive_and_wait();
      for (int call = 0; call < calls; ++call) body(thread, call);
    });
  }
}

std::uint64_t sum(const CircuitSnapshot& s) {
  return s.successes + s.failures + s.ignored + s.refused + s.stale;
}

TEST(CircuitBreakerStress, TenThreadsWithTenThousandSuccessesEachGiveExactTotals) {
  TestBreaker t({});
  storm([&](int, int) { t.breaker.acquire()->succeed(); });
  const auto s = t.breaker.snapshot();
  EXPECT_EQ(s.successes, 100'000u);
  EXPECT_EQ(sum(s), 100'000u);
}

TEST(CircuitBreakerStress, MixedResultsGiveExactTotals) {
  auto options = quiet_options();
  options.slow_call_duration = 1h;
  TestBreaker t(options);
  storm([&](int thread, int call) {
    auto permit = t.breaker.acquire();
    switch ((thread + call) % 4) {
      case 0:
        return permit->succeed();
      case 1:
        return permit->fail(error(ErrorKind::unavailable));
      case 2:
        return permit->fail(error(ErrorKind::throttled));
      default:
        return permit->ignore();
    }
  });
  const auto s = t.breaker.snapshot();
  EXPECT_EQ(s.successes, 25'000u);
  EXPECT_EQ(s.failures, 50'000u);
  EXPECT_EQ(s.ignored, 25'000u);
}

TEST(CircuitBreakerStress, TenThreadsWithTenThousandRefusalsEachGiveExactTotals) {
  auto options = quiet_options();
  options.failure_threshold = 1;
  TestBreaker t(options);
  t.fail();
  storm([&](int, int) { EXPECT_FALSE(t.breaker.acquire()); });
  EXPECT_EQ(t.breaker.snapshot().refused, 100'000u);
}

TEST(CircuitBreakerStress, AStormOfFailuresGivesOneOpening) {
  for (int round = 0; round < 20; ++round) {
    auto options = quiet_options();
    options.failure_threshold = 5;
    TestBreaker t(options);
    std::atomic<std::uint64_t> admitted{0};
    storm([&](int, int call) {
      if (call >= 200) return;
      auto permit = t.breaker.acquire();
      if (!permit) return;
      ++admitted;
      permit->fail(error(ErrorKind::unavailable));
    });
    const auto s = t.breaker.snapshot();
    EXPECT_EQ(s.trips, 1u);
    EXPECT_EQ(t.transitions.size(), 1u);
    EXPECT_EQ(s.failures, 5u);
    EXPECT_EQ(s.failures + s.stale, admitted.load());
    EXPECT_EQ(sum(s), 200u * threads);
  }
}

TEST(CircuitBreakerStress, TheHalfOpenBoundaryAdmitsExactlyThatManyUnderAnyNumberOfThreads) {
  for (int round = 0; round < 50; ++round) {
    auto options = quiet_options();
    options.failure_threshold = 1;
    options.success_threshold = 3;
    TestBreaker t(options);
    t.fail();
    t.clock.advance(60s);
    std::atomic<int> admitted{0};
    std::mutex mutex;
    std::vector<Permit> permits;
    storm([&](int, int call) {
      if (call >= 50) return;
      if (auto permit = t.breaker.acquire()) {
        ++admitted;
        std::lock_guard lock(mutex);
        permits.push_back(std::move(*permit));
      }
    });
    EXPECT_EQ(admitted.load(), 3);
    for (auto& permit : permits) permit.succeed();
    EXPECT_TRUE(t.is_closed());
  }
}

TEST(CircuitBreakerStress, OpeningsAndRecoveriesUnderLoadLoseNoResult) {
  auto options = quiet_options();
  options.failure_threshold = 3;
  options.success_threshold = 2;
  options.timeout = 1ms;
  options.max_timeout = 1ms;
  options.probe_timeout = 1h;
  TestBreaker t(options);
  storm([&](int thread, int call) {
    if (auto permit = t.breaker.acquire()) {
      (call / 100) % 2 == 0 ? permit->succeed() : permit->fail(error(ErrorKind::timeout));
    } else {
      t.clock.advance(1us);
    }
    if (thread == 0 && call % 1000 == 999) t.breaker.reset();
    if (thread == 1 && call % 1000 == 499) {
      t.breaker.set_mode(CircuitMode::metrics_only);
      t.breaker.set_mode(CircuitMode::automatic);
    }
  });
  EXPECT_EQ(sum(t.breaker.snapshot()), 100'000u);
  for (std::size_t i = 1; i < t.transitions.size(); ++i) {
    if (t.transitions[i].is_hypothetical || t.transitions[i - 1].is_hypothetical) continue;
    ASSERT_EQ(t.transitions[i].from, t.transitions[i - 1].to) << "transition " << i;
  }
}

}  // namespace
}  // namespace reelmill::testing
