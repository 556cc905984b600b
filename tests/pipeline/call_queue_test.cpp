// SPDX-License-Identifier: Apache-2.0
#include "pipeline/call_queue.h"

#include <deque>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/manual_clock.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;
using Queue = CallQueue<int>;

const ServiceState healthy{};
constexpr auto never = Clock::time_point::max();

std::vector<int> items_of(const Queue::Outgoing& call) {
  std::vector<int> items;
  for (const auto& entry : call.entries) items.push_back(entry.item);
  return items;
}

struct TestQueue {
  explicit TestQueue(int size, int in_flight = 4)
      : queue({.strategy = BatchStrategy::fixed,
               .initial_batch_size = size,
               .max_wait = 200ms,
               .max_in_flight = in_flight},
              clock) {}
  void add(int n, Duration delay = 0ms) {
    for (int i = 0; i < n; ++i) queue.add({.item = added++}, clock.now() + delay);
  }
  ServiceState paused(Duration left) const { return {.paused_until = clock.now() + left}; }
  ManualClock clock;
  Queue queue;
  int added = 0;
};

TEST(CallQueue, AnItemWaitsForItsTimeAndThenForCompany) {
  TestQueue t(2);
  t.add(1, 50ms);
  EXPECT_FALSE(t.queue.next(healthy));
  EXPECT_EQ(t.queue.wake_at(healthy), t.clock.now() + 50ms);
  t.clock.advance(50ms);
  EXPECT_FALSE(t.queue.next(healthy));
  EXPECT_EQ(t.queue.wake_at(healthy), t.clock.now() + 200ms);
  t.add(1);
  EXPECT_EQ(items_of(*t.queue.next(healthy)), (std::vector{0, 1}));
  EXPECT_EQ(t.queue.size(), 0u);
}

TEST(CallQueue, NothingLeavesWhileTheServiceIsPausedAndTheQueueWakesAtItsEnd) {
  TestQueue t(2);
  t.add(5);
  t.queue.add_together({{.item = 7}}, t.clock.now());
  EXPECT_FALSE(t.queue.next(t.paused(30s)));
  EXPECT_EQ(t.queue.wake_at(t.paused(30s)), t.clock.now() + 30s);
  EXPECT_FALSE(t.queue.next({.paused_until = never}));
  EXPECT_EQ(t.queue.wake_at({.paused_until = never}), never);
  EXPECT_EQ(t.queue.size(), 6u);
}

TEST(CallQueue, WhatTheBatcherHoldsLeavesAtTheEndOfAPause) {
  TestQueue t(2);
  t.add(2);
  EXPECT_FALSE(t.queue.next(t.paused(30s)));
  EXPECT_EQ(t.queue.wake_at(t.paused(30s)), t.clock.now() + 30s);
  t.clock.advance(30s);
  EXPECT_EQ(items_of(*t.queue.next(healthy)), (std::vector{0, 1}));
}

TEST(CallQueue, AServiceOnTrialGetsTheSmallestBatchOneAtATime) {
  TestQueue t(5);
  t.add(10);
  const auto first = t.queue.next({.is_on_trial = true});
  EXPECT_EQ(items_of(*first), (std::vector{0}));
  EXPECT_FALSE(t.queue.next({.is_on_trial = true}));
  t.queue.completed(*first, 1ms, 1);
  EXPECT_EQ(items_of(*t.queue.next({.is_on_trial = true})), (std::vector{1}));
  EXPECT_EQ(items_of(*t.queue.next(healthy)).size(), 5u);
}

TEST(CallQueue, AServiceOnTrialGetsAGroupWhenThereIsNothingElse) {
  TestQueue t(5);
  t.queue.add_together({{.item = 1}, {.item = 2}}, t.clock.now());
  EXPECT_EQ(items_of(*t.queue.next({.is_on_trial = true})), (std::vector{1, 2}));
}

TEST(CallQueue, AServiceOnTrialGetsNoGroupBesideItsProbe) {
  TestQueue t(5);
  t.add(2);
  t.queue.add_together({{.item = 7}, {.item = 8}}, t.clock.now());
  const auto probe = t.queue.next({.is_on_trial = true});
  EXPECT_EQ(items_of(*probe), (std::vector{0}));
  EXPECT_FALSE(t.queue.next({.is_on_trial = true}));
  EXPECT_EQ(items_of(*t.queue.next(healthy)), (std::vector{7, 8}));
}

TEST(CallQueue, APauseThatEndsWhileTheThreadMakesReadyToWaitWakesItAtOnce) {
  TestQueue t(2);
  t.add(2);
  const auto state = t.paused(30s);
  EXPECT_FALSE(t.queue.next(state));
  t.clock.advance(31s);
  EXPECT_LE(t.queue.wake_at(state), t.clock.now());
}

TEST(CallQueue, AGroupLeavesWholeAndWithNobodyElse) {
  TestQueue t(10);
  t.add(3);
  t.queue.add_together({{.item = 7, .bytes = 5}, {.item = 8, .bytes = 6}}, t.clock.now() + 1s);
  EXPECT_FALSE(t.queue.next(healthy));
  t.clock.advance(1s);
  const auto call = t.queue.next(healthy);
  EXPECT_EQ(items_of(*call), (std::vector{7, 8}));
  EXPECT_EQ(call->bytes, 11u);
  EXPECT_FALSE(call->was_batched);
}

TEST(CallQueue, NoMoreCallsThanAllowedAreUnderWayAndAFullHouseSetsNoAlarm) {
  TestQueue t(1, 2);
  t.add(3);
  const auto first = t.queue.next(healthy);
  t.queue.add_together({{.item = 7}}, t.clock.now());
  const auto second = t.queue.next(healthy);
  EXPECT_EQ(items_of(*second), (std::vector{7}));
  t.clock.advance(1s);
  EXPECT_FALSE(t.queue.next(healthy));
  EXPECT_EQ(t.queue.wake_at(healthy), never);
  t.queue.abandoned(*second);
  EXPECT_EQ(items_of(*t.queue.next(healthy)), (std::vector{1}));
  t.queue.completed(*first, 1ms, 1);
  EXPECT_EQ(items_of(*t.queue.next(healthy)), (std::vector{2}));
}

TEST(CallQueue, AnIdleQueueNeverWakesAnybody) {
  TestQueue t(5);
  EXPECT_EQ(t.queue.wake_at(healthy), never);
  t.add(5);
  ASSERT_TRUE(t.queue.next(healthy));
  EXPECT_EQ(t.queue.wake_at(healthy), never);
}

TEST(CallQueue, DrainingLeavesWithoutCompanyAlsoWhatComesBackLater) {
  TestQueue t(5);
  t.queue.drain();
  t.add(2);
  const auto call = t.queue.next(healthy);
  EXPECT_EQ(items_of(*call), (std::vector{0, 1}));
  t.queue.completed(*call, 1ms, 1);
  t.add(1, 10ms);
  t.clock.advance(10ms);
  EXPECT_EQ(items_of(*t.queue.next(healthy)), (std::vector{2}));
}

TEST(CallQueue, TellsTheBatcherWhatACallCostAndLeavesOutWhatSaysNothing) {
  TestQueue t(2);
  t.add(4);
  const auto told = *t.queue.next(healthy);
  const auto untold = *t.queue.next(healthy);
  t.queue.completed(told, 7ms, 2);
  t.queue.abandoned(untold);
  const auto snapshot = t.queue.snapshot();
  EXPECT_EQ(snapshot.batches, 2u);
  EXPECT_EQ(snapshot.succeeded_items, 2u);
  EXPECT_EQ(snapshot.service_time, 7ms);
  EXPECT_EQ(snapshot.in_flight, 0);
}

RC_GTEST_PROP(CallQueueLaw, NothingIsLostNothingIsDoubledAndNothingLeavesAPausedQueue, ()) {
  const int size = *rc::gen::inRange(1, 6), places = *rc::gen::inRange(1, 4);
  TestQueue t(size, places);
  std::deque<Queue::Outgoing> under_way;
  std::multiset<int> arrived;
  auto end_call = [&](bool is_good) {
    auto call = std::move(under_way.front());
    under_way.pop_front();
    if (is_good) {
      for (const int item : items_of(call)) arrived.insert(item);
      t.queue.completed(call, 1ms, static_cast<int>(call.entries.size()));
      return;
    }
    t.queue.abandoned(call);
    if (call.entries.size() > 1 && !call.was_batched)
      t.queue.add_together(std::move(call.entries), t.clock.now() + 5ms);
    else
      for (auto& entry : call.entries) t.queue.add(std::move(entry), t.clock.now() + 5ms);
  };
  auto paused_until = Clock::time_point::min();
  for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 7))) {
    const ServiceState state{.paused_until = paused_until, .is_on_trial = step == 6};
    if (step == 0) t.add(*rc::gen::inRange(1, 9));
    if (step == 1) t.queue.add_together({{.item = t.added++}, {.item = t.added++}}, t.clock.now());
    if (step == 2) t.clock.advance(50ms);
    if (step == 3) paused_until = t.clock.now() + 70ms;
    if (step == 4 && !under_way.empty()) end_call(true);
    if (step == 5 && !under_way.empty()) end_call(false);
    while (auto call = t.queue.next(state)) {
      RC_ASSERT(paused_until <= t.clock.now());
      under_way.push_back(std::move(*call));
    }
    RC_ASSERT(under_way.size() <= static_cast<std::size_t>(places));
  }
  t.queue.drain();
  while (t.queue.size() > 0 || !under_way.empty()) {
    t.clock.advance(1s);
    while (auto call = t.queue.next(healthy)) under_way.push_back(std::move(*call));
    RC_ASSERT(!under_way.empty());
    while (!under_way.empty()) end_call(true);
  }
  std::multiset<int> expected;
  for (int i = 0; i < t.added; ++i) expected.insert(i);
  RC_ASSERT(arrived == expected);
}

}  // namespace
}  // namespace reelmill
