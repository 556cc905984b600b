// SPDX-License-Identifier: Apache-2.0
#include "resilience/adaptive_batcher.h"

#include <set>

#include "base/manual_clock.h"
#include "tests/support/result_matchers.h"

namespace reelmill::testing {
namespace {

using namespace std::chrono_literals;

BatchOptions fixed(int size) {
  return {.strategy = BatchStrategy::fixed, .initial_batch_size = size, .max_wait = 200ms};
}

struct TestBatcher {
  explicit TestBatcher(BatchOptions options) : batcher(options, clock) {}
  void add(int n, std::size_t bytes = 0, const BatchKey& key = {}, SourceId source = {}) {
    for (int i = 0; i < n; ++i) batcher.add_item(added++, bytes, key, source);
  }
  ManualClock clock;
  AdaptiveBatcher<int> batcher;
  int added = 0;
};

TEST(AdaptiveBatcher, AFixedBatchLeavesWhenItsSizeIsReached) {
  TestBatcher t(fixed(3));
  t.add(2);
  EXPECT_FALSE(t.batcher.next(true));
  t.add(1);
  const auto batch = t.batcher.next(true);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->items, (std::vector{0, 1, 2}));
  EXPECT_EQ(batch->reason, BatchReason::size);
  EXPECT_EQ(batch->target, 3);
}

TEST(AdaptiveBatcher, ABatchStaysOpenUntilASlotIsFree) {
  TestBatcher t(fixed(3));
  t.add(3);
  EXPECT_FALSE(t.batcher.next(false));
  t.add(4);
  EXPECT_EQ(t.batcher.next(true)->items.size(), 3u);
  EXPECT_EQ(t.batcher.next(true)->items.size(), 3u);
  EXPECT_FALSE(t.batcher.next(true));
  EXPECT_EQ(t.batcher.snapshot().queued, 1u);
}

TEST(AdaptiveBatcher, ABatchLeavesWhenItsOldestItemHasWaitedForMaxWait) {
  TestBatcher t(fixed(10));
  t.add(1);
  t.clock.advance(150ms);
  t.add(1);
  EXPECT_EQ(t.batcher.wake_at(), t.clock.now() + 50ms);
  t.clock.advance(50ms - 1ns);
  EXPECT_FALSE(t.batcher.next(true));
  t.clock.advance(1ns);
  const auto batch = t.batcher.next(true);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->items.size(), 2u);
  EXPECT_EQ(batch->reason, BatchReason::deadline);
  EXPECT_EQ(t.batcher.wake_at(), Clock::time_point::max());
}

TEST(AdaptiveBatcher, BytesBindBeforeTheSize) {
  auto options = fixed(10);
  options.max_bytes = 100;
  TestBatcher t(options);
  t.add(3, 40);
  const auto batch = t.batcher.next(true);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->items.size(), 2u);
  EXPECT_EQ(batch->bytes, 80u);
  EXPECT_EQ(batch->reason, BatchReason::bytes);
}

TEST(AdaptiveBatcher, AnItemLargerThanTheByteLimitTravelsAlone) {
  auto options = fixed(10);
  options.max_bytes = 100;
  TestBatcher t(options);
  t.add(1, 500);
  t.add(1, 10);
  EXPECT_EQ(t.batcher.next(true)->items, std::vector{0});
  EXPECT_FALSE(t.batcher.next(true));
}

TEST(AdaptiveBatcher, DrainingLetsEverythingLeave) {
  TestBatcher t(fixed(4));
  t.add(6);
  t.batcher.drain();
  EXPECT_EQ(t.batcher.next(true)->reason, BatchReason::size);
  const auto rest = t.batcher.next(true);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->items.size(), 2u);
  EXPECT_EQ(rest->reason, BatchReason::drain);
}

TEST(AdaptiveBatcher, AnItemAddedAfterADrainWaitsAgain) {
  TestBatcher t(fixed(4));
  t.batcher.drain();
  t.add(1);
  EXPECT_FALSE(t.batcher.next(true));
}

TEST(AdaptiveBatcher, AStarvedBatchLeavesOnlyWhenNothingIsInFlight) {
  TestBatcher t(fixed(4));
  t.add(5);
  ASSERT_TRUE(t.batcher.next(true));
  t.batcher.starving();
  EXPECT_FALSE(t.batcher.next(true));
  t.batcher.completed({.n = 4, .succeeded = 4});
  const auto batch = t.batcher.next(true);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->reason, BatchReason::starved);
}

TEST(AdaptiveBatcher, NoMoreBatchesLeaveThanMayBeInFlight) {
  auto options = fixed(1);
  options.max_in_flight = 2;
  TestBatcher t(options);
  t.add(3);
  EXPECT_TRUE(t.batcher.next(true));
  EXPECT_TRUE(t.batcher.next(true));
  EXPECT_FALSE(t.batcher.next(true));
  t.batcher.completed({.n = 1});
  EXPECT_TRUE(t.batcher.next(true));
}

TEST(AdaptiveBatcher, ItemsOfDifferentKeysNeverTravelTogether) {
  TestBatcher t(fixed(2));
  t.add(1, 0, "640x360");
  t.add(1, 0, "1280x720");
  EXPECT_FALSE(t.batcher.next(true));
  t.add(1, 0, "1280x720");
  const auto batch = t.batcher.next(true);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->key, "1280x720");
  EXPECT_EQ(batch->items, (std::vector{1, 2}));
}

TEST(AdaptiveBatcher, TheKeyThatHasWaitedLongestLeavesFirst) {
  TestBatcher t(fixed(2));
  t.add(1, 0, "z");
  t.clock.advance(1ms);
  t.add(2, 0, "a");
  t.add(1, 0, "z");
  EXPECT_EQ(t.batcher.next(true)->key, "z");
}

TEST(AdaptiveBatcher, ASourceWithMuchDoesNotStarveOneWithLittle) {
  auto options = fixed(4);
  options.max_in_flight = 100;
  TestBatcher t(options);
  t.add(20, 100, {}, 1);
  t.add(2, 100, {}, 2);
  const auto batch = t.batcher.next(true);
  ASSERT_TRUE(batch);
  EXPECT_THAT(batch->items, ::testing::Contains(20));
  EXPECT_THAT(batch->items, ::testing::Contains(21));
}

TEST(AdaptiveBatcher, TheItemWhoseDeadlineItIsTravelsWithTheBatch) {
  auto options = fixed(2);
  TestBatcher t(options);
  t.add(1, 1, {}, 9);
  t.clock.advance(1ms);
  t.add(5, 1000, {}, 1);
  EXPECT_THAT(t.batcher.next(true)->items, ::testing::Contains(0));
}

TEST(AdaptiveBatcher, NothingIsLostOrDoubledAndItemsOfASourceKeepTheirOrder) {
  auto options = fixed(7);
  options.max_bytes = 500;
  options.max_in_flight = 10000;
  TestBatcher t(options);
  for (int i = 0; i < 1000; ++i) {
    t.add(1, static_cast<std::size_t>(i * 37 % 300), i % 3 == 0 ? "a" : "b",
          static_cast<SourceId>(i % 5));
  }
  t.batcher.drain();
  std::set<int> seen;
  std::map<std::pair<BatchKey, int>, int> last;
  while (auto batch = t.batcher.next(true)) {
    EXPECT_LE(batch->items.size(), 7u);
    EXPECT_TRUE(batch->bytes <= 500 || batch->items.size() == 1);
    for (const int item : batch->items) {
      EXPECT_TRUE(seen.insert(item).second) << item;
      auto [place, is_first] = last.try_emplace({batch->key, item % 5}, item);
      EXPECT_TRUE(is_first || place->second < item);
      place->second = item;
    }
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(AdaptiveBatcher, SaysWhatItHasDone) {
  TestBatcher t(fixed(2));
  t.add(5, 10);
  ASSERT_TRUE(t.batcher.next(true));
  ASSERT_TRUE(t.batcher.next(true));
  t.batcher.completed({.n = 2, .bytes = 20, .service_time = 30ms, .succeeded = 1});
  const auto s = t.batcher.snapshot();
  EXPECT_EQ(s.batches, 2u);
  EXPECT_EQ(s.items, 4u);
  EXPECT_EQ(s.mean_size(), 2);
  EXPECT_EQ(s.reasons[static_cast<std::size_t>(BatchReason::size)], 2u);
  EXPECT_EQ(s.queued, 1u);
  EXPECT_EQ(s.queued_bytes, 10u);
  EXPECT_EQ(s.in_flight, 1);
  EXPECT_EQ(s.succeeded_items, 1u);
  EXPECT_EQ(s.service_time, 30ms);
}

TEST(AdaptiveBatcher, RefusesContradictoryOptions) {
  ManualClock clock;
  EXPECT_THROW(AdaptiveBatcher<int>({.max_batch_size = 5}, clock), std::invalid_argument);
}

TEST(AdaptiveBatcher, MovesItemsThatCannotBeCopied) {
  ManualClock clock;
  AdaptiveBatcher<std::unique_ptr<int>> batcher(fixed(1), clock);
  batcher.add_item(std::make_unique<int>(7));
  EXPECT_EQ(*batcher.next(true)->items.front(), 7);
}

}  // namespace
}  // namespace reelmill::testing
