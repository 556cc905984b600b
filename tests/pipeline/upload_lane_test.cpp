// SPDX-License-Identifier: Apache-2.0
#include "pipeline/upload_lane.h"

#include <cmath>
#include <future>
#include <stdexcept>

#include "tests/pipeline/lane_fixture.h"

namespace reelmill::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Le;
using testing::SizeIs;

using UploadLaneTest = LaneFixture;

TEST_F(UploadLaneTest, ItemsTravelInBatchesAndArriveOnce) {
  add_videos(25);
  run_lane(all_well, batches_of(10));
  expect_all_but("", 25);
  EXPECT_THAT(call->calls(), SizeIs(3));
  EXPECT_EQ(counts().done, 25);
  EXPECT_EQ(report.batches, 3u);
  EXPECT_THAT(report.reasons, ElementsAre(testing::Pair("size", 2u), testing::Pair("drain", 1u)));
}

// As a service that answers for the batch, and does not say which item it dislikes.
TEST_F(UploadLaneTest, APoisonedItemAmongAHundredIsFoundWithFewExtraCalls) {
  for (const int poisoned : {0, 37, 63, 99}) {
    SCOPED_TRACE(poisoned);
    ledger.reset();
    std::filesystem::remove_all(folder.path());
    ledger = std::move(*Ledger::open(folder.path()));
    add_videos(100);
    const auto poison = name_of(poisoned);
    run_lane(
        [&](auto items) {
          return has(items, poison) ? all_fail(items, {ErrorKind::invalid_input, "400 bad request"})
                                    : all_well(items);
        },
        batches_of(100));
    EXPECT_THAT(call->calls(), SizeIs(Le(1 + 2 * std::log2(100) + 2)));
    expect_all_but(poison, 100);
    ASSERT_THAT(failures, SizeIs(1));
    EXPECT_EQ(failures[0].video, poison);
    EXPECT_EQ(failures[0].message, "400 bad request");
    EXPECT_EQ(counts().done, 99);
    EXPECT_EQ(counts().quarantined, 1);
  }
}

TEST_F(UploadLaneTest, AnItemThatMakesTheServiceFailIsFoundToo) {
  add_videos(40);
  patience = 500ms;
  auto guard = three_attempts();
  guard.retry->max_delay = 1h;  // how long an item rests that gave up
  run_lane(
      [&](auto items) {
        return has(items, "v017") ? all_fail(items, {ErrorKind::unavailable, "500"})
                                  : all_well(items);
      },
      batches_of(40), guard);
  expect_all_but("v017", 40);
  EXPECT_EQ(counts().done, 39);
  EXPECT_EQ(counts().uploads_pending, 1) << "a failing service refuses nobody for ever";
  EXPECT_THAT(call->calls(), SizeIs(Le(4 * (std::log2(40) + 1) + 3)));
}

TEST_F(UploadLaneTest, AnItemRejectedByNameCostsItselfAlone) {
  add_videos(50);
  run_lane(
      [&](auto items) {
        auto outcomes = all_well(items);
        for (std::size_t i = 0; i < items.size(); ++i)
          if (items[i].name == "v013/0") outcomes[i] = fail(ErrorKind::invalid_input, "no");
        return outcomes;
      },
      batches_of(50));
  EXPECT_THAT(call->calls(), SizeIs(1));
  expect_all_but("v013", 50);
  EXPECT_EQ(counts().done, 49);
}

TEST_F(UploadLaneTest, OnlyWhatFailedIsTriedAgain) {
  add_videos(50);
  std::atomic<int> failed{0};
  run_lane(
      [&](auto items) {
        auto outcomes = all_well(items);
        for (std::size_t i = 0; i < items.size(); ++i)
          if (items[i].attempt == 1 && i % 10 == 0) {
            outcomes[i] = fail(ErrorKind::throttled, "item {}: 429", i);
            ++failed;
          }
        return outcomes;
      },
      batches_of(50), three_attempts());
  expect_all_but("", 50);
  std::size_t sent = 0;
  for (const auto& items : call->calls()) sent += items.size();
  EXPECT_EQ(sent, 50u + static_cast<std::size_t>(failed));
  EXPECT_EQ(guard_snapshot.retries, static_cast<std::uint64_t>(failed));
}

TEST_F(UploadLaneTest, AFailedBatchCostsTheBudgetOneRetry) {
  add_videos(100);
  std::atomic<int> calls{0};
  run_lane(
      [&](auto items) {
        return ++calls == 1 ? all_fail(items, {ErrorKind::unavailable, "503"}) : all_well(items);
      },
      batches_of(100), three_attempts());
  EXPECT_EQ(guard_snapshot.retries, 1u);
  expect_all_but("", 100);
}

TEST_F(UploadLaneTest, WhatTravelsTogetherFillsTheBudgetOnceAsItEmptiesItOnce) {
  add_videos(100);
  std::atomic<int> left{2};
  auto guard = three_attempts();
  guard.budget = {.capacity = 100, .retry_cost = 14, .deposit = 1};
  run_lane(
      [&](auto items) {
        return has(items, "v000") && left-- > 0 ? all_fail(items, {ErrorKind::unavailable, "503"})
                                                : all_well(items);
      },
      batches_of(50), guard);
  expect_all_but("", 100);
  EXPECT_EQ(guard_snapshot.retries, 2u);
  EXPECT_EQ(guard_snapshot.budget_left, 100 - 14 - 14 + 14 + 1) << "one batch retried, one clean";
}

TEST_F(UploadLaneTest, AFewFailedItemsSayNothingAgainstTheService) {
  add_videos(50);
  auto guard = three_attempts();
  guard.breaker = CircuitBreakerOptions{.failure_threshold = 1, .timeout = 1ms};
  run_lane(
      [&](auto items) {
        auto outcomes = all_well(items);
        for (std::size_t i = 0; i < items.size(); i += 10)
          if (items.size() == 50) outcomes[i] = fail(ErrorKind::unavailable, "item {}: 503", i);
        return outcomes;
      },
      batches_of(50), guard);
  expect_all_but("", 50);
  EXPECT_EQ(guard_snapshot.openings, 0u);
}

TEST_F(UploadLaneTest, AServiceThatFailsForHalfOfTheItemsFails) {
  add_videos(50);
  auto guard = three_attempts();
  guard.breaker =
      CircuitBreakerOptions{.failure_threshold = 1, .success_threshold = 1, .timeout = 1ms};
  run_lane(
      [&](auto items) {
        auto outcomes = all_well(items);
        for (std::size_t i = 0; i < items.size(); i += 2)
          if (items.size() == 50) outcomes[i] = fail(ErrorKind::unavailable, "item {}: 503", i);
        return outcomes;
      },
      batches_of(50), guard);
  expect_all_but("", 50);
  EXPECT_EQ(guard_snapshot.openings, 1u);
}

TEST_F(UploadLaneTest, ACallIsMadeWithItsSizeItsAttemptAndWhatItShouldTake) {
  add_videos(60);
  std::atomic<int> calls{0};
  run_lane(
      [&](auto items) {
        return ++calls == 1 ? all_fail(items, {ErrorKind::unavailable, "503"}) : all_well(items);
      },
      batches_of(20), three_attempts());
  std::multiset<int> attempts;
  bool is_predicted = false;
  for (const auto& context : call->contexts()) {
    EXPECT_EQ(context.work_units, 20);
    attempts.insert(context.attempt);
    is_predicted = is_predicted || context.expected_duration > Duration::zero();
  }
  EXPECT_THAT(attempts, ElementsAre(1, 1, 1, 2));
  EXPECT_TRUE(is_predicted) << "the size was seen before";
}

TEST_F(UploadLaneTest, ACallThatWasCutOffTellsWhatTheBatchTookAtLeast) {
  add_videos(4);
  patience = 50ms;
  run_lane([](auto items) { return all_fail(items, {ErrorKind::timeout, "no answer"}); },
           batches_of(4));
  ASSERT_FALSE(report.sizes.empty());
  EXPECT_TRUE(report.sizes.front().took_ms);
  run_lane(
      [](auto items) {
        return all_fail(items, {ErrorKind::timeout, "no connection", {}, /*was_sent=*/false});
      },
      batches_of(4));
  EXPECT_FALSE(report.sizes.front().took_ms) << "it never reached the service";
}

// A thread that has left with a call watches the time no longer: another one must.
TEST_F(UploadLaneTest, ACallThatHangsKeepsNoOtherFromLeavingWhenItIsDue) {
  add_videos(2);
  std::promise<void> second_retry;
  auto both = second_retry.get_future().share();
  std::atomic<bool> has_hung{false};
  run_lane(
      [&](auto items) {
        const bool is_first = has(items, "v000");
        if (items[0].attempt == 1)
          return all_fail(items, {ErrorKind::unavailable, "503", is_first ? 20ms : 60ms});
        if (is_first)
          has_hung = both.wait_for(10s) != std::future_status::ready;
        else
          second_retry.set_value();
        return all_well(items);
      },
      batches_of(1), three_attempts(), 2);
  expect_all_but("", 2);
  EXPECT_FALSE(has_hung) << "the second was due, and nobody sent it";
}

TEST_F(UploadLaneTest, WhereTheGuardHedgesASecondCallDeliversBesideAnUnusuallySlowOne) {
  for (const bool overlaps : {true, false}) {
    SCOPED_TRACE(overlaps);
    may_overlap = overlaps;
    if (!overlaps) reopen_ledger();
    add_videos(10);
    std::promise<void> second_call;
    auto second_came = second_call.get_future().share();
    std::atomic<int> calls_for_the_last{0};
    run_lane(
        [&](auto items) {
          if (!has(items, "v009")) return all_well(items);
          if (++calls_for_the_last > 1) {
            if (calls_for_the_last == 2) second_call.set_value();
            return all_well(items);
          }
          second_came.wait_for(overlaps ? 20s : 400ms);
          return all_fail(items, {ErrorKind::unavailable, "reset"});
        },
        batches_of(1),
        {.retry = RetryOptions{.max_attempts = 2, .base_delay = 1ms},
         .hedge = HedgeOptions{.minimum_samples = 5, .minimum_delay = 100ms}});
    EXPECT_EQ(counts().done, 10);
    EXPECT_EQ(calls_for_the_last, 2);
    EXPECT_EQ(guard_snapshot.hedge_wins, overlaps ? 1u : 0u);
    EXPECT_EQ(guard_snapshot.retries, overlaps ? 0u : 1u);
  }
}

TEST_F(UploadLaneTest, AVideoOfManyFilesDoesNotKeepTheOthersWaiting) {
  add_videos(2, 100);
  run_lane(all_well, batches_of(10));
  const auto first = call->calls().front();
  EXPECT_TRUE(has(first, "v000"));
  EXPECT_TRUE(has(first, "v001"));
}

TEST_F(UploadLaneTest, AStageThatThrowsIsAtFaultItselfAndLosesNothing) {
  add_videos(4);
  patience = 50ms;
  run_lane([](auto) -> std::vector<Result<CallOutcome>> { throw std::runtime_error("oops"); },
           batches_of(4));
  EXPECT_EQ(counts().uploads_pending, 4);
  EXPECT_GT(guard_snapshot.failures, 0u);
}

TEST_F(UploadLaneTest, AWrongNumberOfOutcomesIsTheStagesFaultAndLosesNothing) {
  add_videos(4);
  patience = 300ms;
  run_lane([](auto) { return std::vector<Result<CallOutcome>>(3, CallOutcome{}); }, batches_of(4));
  EXPECT_EQ(counts().uploads_pending, 4);
}

TEST_F(UploadLaneTest, TheServiceIsTriedAfterABreakWithTheSmallestBatch) {
  add_videos(60);
  std::atomic<int> calls{0};
  auto guard = three_attempts();
  guard.breaker = CircuitBreakerOptions{
      .failure_threshold = 2, .success_threshold = 2, .timeout = 20ms, .timeout_jitter = 0};
  run_lane(
      [&](auto items) {
        return ++calls <= 2 ? all_fail(items, {ErrorKind::unavailable, "503"}) : all_well(items);
      },
      batches_of(20), guard);
  expect_all_but("", 60);
  ASSERT_GE(call->calls().size(), 4u);
  EXPECT_THAT(call->calls()[0], SizeIs(20));
  EXPECT_THAT(call->calls()[2], SizeIs(1)) << "the first after the break";
  EXPECT_THAT(call->calls()[3], SizeIs(1));
  EXPECT_EQ(guard_snapshot.refused, 0u) << "the queue is held, not drained into refusals";
}

}  // namespace
}  // namespace reelmill::test
