// SPDX-License-Identifier: Apache-2.0
// Why batches leave, under the strategies that learn; breaker states; what the snapshot says.
#include <set>

#include "base/manual_clock.h"
#include "resilience/adaptive_batcher.h"
#include "tests/support/result_matchers.h"

namespace reelmill::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A batcher in front of a service that takes 100 ms and 4 ms an item.
struct Edge {
  explicit Edge(BatchOptions options) : batcher(options, clock) {}

  void add(int n, std::size_t bytes = 0, const BatchKey& key = {}, SourceId source = {}) {
    for (int i = 0; i < n; ++i) batcher.add_item(added++, bytes, key, source);
  }
  /// Serves one batch to its end; its time passes.
  std::optional<Batch<int>> serve() {
    auto batch = batcher.next(true);
    if (!batch) return batch;
    const int n = static_cast<int>(batch->items.size());
    const Duration taken = (batch->key == "no overhead" ? 0ms : overhead) + n * an_item;
    clock.advance(taken);
    batcher.completed({.n = n,
                       .bytes = batch->bytes,
                       .service_time = taken,
                       .succeeded = n,
                       .key = batch->key,
                       .id = batch->id});
    return batch;
  }
  void warm_up(int batches = 60) {
    for (int i = 0; i < batches; ++i) {
      add(200 - static_cast<int>(batcher.snapshot().queued));
      serve();
    }
    batcher.drain();
    while (serve()) {
    }
  }

  Duration overhead = 100ms, an_item = 4ms;
  ManualClock clock;
  AdaptiveBatcher<int> batcher;
  int added = 0;
};

BatchOptions learning(BatchStrategy strategy) {
  return {.strategy = strategy, .target_processing_time = 10s, .max_in_flight = 1};
}

TEST(BatchRelease, TheSizeWantedIsReached) {
  Edge e(learning(BatchStrategy::hybrid));
  e.add(9);
  EXPECT_FALSE(e.batcher.next(true));
  e.add(1);
  EXPECT_EQ(e.batcher.next(true)->reason, BatchReason::size);
}

TEST(BatchRelease, AProbeIsCalledAProbe) {
  Edge e(learning(BatchStrategy::adaptive));
  e.warm_up();
  const auto probe = static_cast<std::size_t>(BatchReason::probe);
  EXPECT_GT(e.batcher.snapshot().reasons[probe], 5u);
}

TEST(BatchRelease, TheDeadlineBindsEveryStrategy) {
  for (const auto strategy :
       {BatchStrategy::fixed, BatchStrategy::adaptive, BatchStrategy::time_based,
        BatchStrategy::load_based, BatchStrategy::hybrid}) {
    Edge e(learning(strategy));
    e.add(3);
    EXPECT_EQ(e.batcher.wake_at(), e.clock.now() + 200ms);
    e.clock.advance(200ms);
    const auto batch = e.batcher.next(true);
    ASSERT_TRUE(batch) << to_string(strategy);
    EXPECT_EQ(batch->reason, BatchReason::deadline);
  }
}

TEST(BatchRelease, TheBytesBindEveryStrategy) {
  for (const auto strategy :
       {BatchStrategy::fixed, BatchStrategy::adaptive, BatchStrategy::time_based,
        BatchStrategy::load_based, BatchStrategy::hybrid}) {
    auto options = learning(strategy);
    options.max_bytes = 100;
    Edge e(options);
    e.add(3, 40);
    const auto batch = e.batcher.next(true);
    ASSERT_TRUE(batch) << to_string(strategy);
    EXPECT_EQ(batch->reason, BatchReason::bytes);
    EXPECT_EQ(batch->bytes, 80u);
  }
}

TEST(BatchRelease, TimeBasedWaitsForTheDeadlineOrTheLargestSize) {
  Edge e(learning(BatchStrategy::time_based));
  e.add(99);
  EXPECT_FALSE(e.batcher.next(true));
  e.add(1);
  EXPECT_EQ(e.batcher.next(true)->items.size(), 100u);
}

TEST(BatchRelease, LoadBasedTakesNoMoreThanKeepsUpWithTheArrivals) {
  Edge e(learning(BatchStrategy::load_based));
  e.warm_up();
  // 50 a second: 1.1 · 50 · 0.1 / (1 − 50 · 0.004) = 6.9.
  for (int i = 0; i < 1500; ++i) {
    e.clock.advance(20ms);
    e.add(1);
    if (const auto batch = e.batcher.next(true)) {
      e.batcher.completed({.n = static_cast<int>(batch->items.size()),
                           .service_time = e.overhead + batch->items.size() * e.an_item,
                           .succeeded = static_cast<int>(batch->items.size())});
    }
  }
  EXPECT_THAT(e.batcher.snapshot().target, ::testing::AllOf(::testing::Ge(6), ::testing::Le(8)));
}

TEST(BatchRelease, AnIdleServiceGetsWhatIsThereWhenWaitingWouldNotPay) {
  Edge e(learning(BatchStrategy::hybrid));
  e.warm_up();
  e.clock.advance(60s);
  e.add(1);  // one item a minute: nothing to wait for
  const auto batch = e.batcher.next(true);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->reason, BatchReason::idle);
}

TEST(BatchRelease, AnIdleServiceWaitsWhenSmallBatchesCouldNotKeepUp) {
  Edge e(learning(BatchStrategy::hybrid));
  e.warm_up();
  for (int i = 0; i < 4; ++i) {
    e.add(1);  // 100 items a second; one at a time the service does 10
    EXPECT_FALSE(e.batcher.next(true));
    e.clock.advance(10ms);
  }
}

TEST(BatchRelease, AdaptiveKnowsNoArrivalsAndIsNeverIdle) {
  Edge e(learning(BatchStrategy::adaptive));
  e.warm_up();
  e.clock.advance(60s);
  e.add(1);
  EXPECT_FALSE(e.batcher.next(true));
}

TEST(BatchRelease, PartialBatchesThatHoldABudgetLeaveWhenSomeoneStarves) {
  // Every key holds a part of the budget, none reaches its size, and the deadline is far.
  auto options = learning(BatchStrategy::hybrid);
  options.max_wait = 24h;
  Edge e(options);
  std::size_t free = 10;  // items that may be held at once
  int turn = 0, done = 0;
  while (done < 200) {
    while (free > 0) {
      e.add(1, 1, std::to_string(turn++ % 7));
      --free;
    }
    e.batcher.starving();
    const auto batch = e.serve();
    ASSERT_TRUE(batch) << "deadlock after " << done;
    free += batch->items.size();
    done += static_cast<int>(batch->items.size());
  }
}

TEST(BatchRelease, AByteLimitBelowOneItemStillMakesProgress) {
  auto options = learning(BatchStrategy::hybrid);
  options.max_bytes = 10;
  Edge e(options);
  e.add(50, 1000);
  for (int i = 0; i < 50; ++i) {
    const auto batch = e.serve();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->items.size(), 1u);
  }
  EXPECT_THAT(e.batcher.snapshot().warnings,
              Contains("max_bytes: 50 items were larger than a batch may be and travelled alone"));
}

TEST(BatchRelease, WhileTheBreakerIsOpenNothingLeaves) {
  Edge e(learning(BatchStrategy::hybrid));
  e.add(50);
  e.batcher.hold();
  e.batcher.drain();
  e.batcher.starving();
  e.clock.advance(1h);
  EXPECT_FALSE(e.batcher.next(true));
  EXPECT_EQ(e.batcher.wake_at(), Clock::time_point::max());
  e.batcher.resume();
  EXPECT_TRUE(e.batcher.next(true));
}

TEST(BatchRelease, HalfOpenSendsTheSmallestSizeOneAtATime) {
  auto options = learning(BatchStrategy::hybrid);
  options.min_batch_size = 2;
  options.max_in_flight = 4;
  Edge e(options);
  e.add(50);
  e.batcher.hold();
  e.batcher.probe();
  const auto probe = e.batcher.next(true);
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->items.size(), 2u);
  EXPECT_EQ(probe->reason, BatchReason::probe);
  EXPECT_FALSE(e.batcher.next(true));
  e.batcher.probe();
  EXPECT_FALSE(e.batcher.next(true)) << "said again";
  e.batcher.completed({.n = 2, .service_time = 1s, .succeeded = 2, .id = probe->id});
  EXPECT_EQ(e.batcher.next(true)->items.size(), 2u);
}

TEST(BatchRelease, AnAttemptThatNeverReachedTheServiceTeachesNothing) {
  Edge e(learning(BatchStrategy::hybrid));
  e.add(10);
  const auto batch = e.batcher.next(true);
  e.batcher.completed(
      {.n = 10, .service_time = 30s, .end = BatchEnd::not_reached, .id = batch->id});
  const auto s = e.batcher.snapshot();
  EXPECT_EQ(s.in_flight, 0);
  EXPECT_EQ(s.fit.points, 0);
  EXPECT_EQ(s.over_target, 0u);
}

TEST(BatchRelease, EachKeyHasItsOwnCostsAndItsOwnSize) {
  auto options = learning(BatchStrategy::adaptive);
  Edge e(options);
  for (int i = 0; i < 240; ++i) {
    e.add(100, 0, i % 2 == 0 ? "overhead" : "no overhead");
    ASSERT_TRUE(e.serve());
  }
  e.batcher.drain();
  std::map<BatchKey, std::size_t> largest;
  while (const auto batch = e.batcher.next(true)) {
    largest[batch->key] = std::max(largest[batch->key], batch->items.size());
    e.batcher.completed({.n = 0, .id = batch->id});
  }
  EXPECT_GE(largest["overhead"], 70u);
  EXPECT_LE(largest["no overhead"], 10u);
}

TEST(BatchRelease, NoWakeUpWithoutAReason) {
  Edge e(learning(BatchStrategy::hybrid));
  EXPECT_EQ(e.batcher.wake_at(), Clock::time_point::max());
  e.add(25);
  ASSERT_TRUE(e.batcher.next(true));
  // The only slot is taken: there is nothing to wait for but its return.
  EXPECT_EQ(e.batcher.wake_at(), Clock::time_point::max());
  e.batcher.completed({.n = 10, .service_time = 140ms, .succeeded = 10});
  EXPECT_FALSE(e.batcher.next(false));
  EXPECT_EQ(e.batcher.wake_at(), Clock::time_point::max());
  e.batcher.drain();
  while (e.serve()) {
  }
  EXPECT_EQ(e.batcher.wake_at(), Clock::time_point::max());
}

TEST(BatchRelease, ManyKeysThatComeAndGoAreForgotten) {
  Edge e(learning(BatchStrategy::hybrid));
  for (int i = 0; i < 5000; ++i) {
    e.add(10, 0, "key " + std::to_string(i));
    ASSERT_TRUE(e.serve());
  }
  EXPECT_LE(e.batcher.snapshot().keys, 1024u);
}

TEST(BatchRelease, TheSnapshotTellsWhatWasLearned) {
  Edge e(learning(BatchStrategy::hybrid));
  e.warm_up(100);
  const auto s = e.batcher.snapshot();
  EXPECT_NEAR(s.fit.b, 0.1, 0.005);
  EXPECT_NEAR(s.fit.a, 0.004, 0.0002);
  EXPECT_LT(s.fit.error, 0.02);
  EXPECT_EQ(s.bound, BatchBound::max_batch_size);
  EXPECT_NEAR(s.headroom, 0.1, 0.02);  // 5 ms an item at 100, 4.5 at 200
  EXPECT_GT(s.efficiency.score(), 0.8);
  EXPECT_THAT(s.warnings, IsEmpty());
  EXPECT_FALSE(e.batcher.history().decisions().empty());
}

TEST(BatchRelease, ATargetTimeBelowOneItemIsAWarning) {
  auto options = learning(BatchStrategy::hybrid);
  options.target_processing_time = 50ms;
  Edge e(options);
  e.warm_up();
  const auto s = e.batcher.snapshot();
  EXPECT_EQ(s.target, 1);
  EXPECT_THAT(s.warnings, Contains(HasSubstr("target_processing_time: 50ms is below the 104ms")));
}

}  // namespace
}  // namespace reelmill::testing
