// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_bisection.h"

#include <cmath>
#include <set>

#include <gmock/gmock.h>

namespace reelmill::testing {
namespace {

using Part = BatchBisection::Part;

/// Runs the search against a service that refuses every call with a poisoned item in it. Returns
/// how often each item went through.
std::vector<int> run(BatchBisection& search, std::size_t items,
                     const std::set<std::size_t>& poison) {
  std::vector<int> served(items);
  while (const auto part = search.next()) {
    const auto bad = poison.lower_bound(part->first);
    if (bad != poison.end() && *bad < part->last) {
      search.failed({ErrorKind::invalid_input, "item " + std::to_string(*bad)});
      continue;
    }
    for (auto i = part->first; i < part->last; ++i) ++served[i];
    search.succeeded();
  }
  return served;
}

TEST(BatchBisection, FindsOnePoisonedItemAmongAHundredWithFewCalls) {
  for (std::size_t bad = 0; bad < 100; ++bad) {
    BatchBisection search(100);
    const auto served = run(search, 100, {bad});
    ASSERT_EQ(search.poisoned().size(), 1u);
    EXPECT_EQ(search.poisoned()[0].item, bad);
    EXPECT_EQ(search.poisoned()[0].reason.message, "item " + std::to_string(bad));
    EXPECT_LE(static_cast<double>(search.calls()), 2 * std::log2(100) + 2);
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(served[i], i == bad ? 0 : 1) << i;
  }
}

TEST(BatchBisection, TheBoundHoldsForEverySize) {
  for (std::size_t n = 2; n <= 300; ++n) {
    for (const std::size_t bad : {std::size_t{0}, n / 3, n - 1}) {
      BatchBisection search(n);
      run(search, n, {bad});
      EXPECT_EQ(search.poisoned().size(), 1u);
      EXPECT_LE(static_cast<double>(search.calls()), 2 * std::log2(n) + 2) << n;
    }
  }
}

TEST(BatchBisection, FindsSeveralAndServesTheirNeighboursOnce) {
  BatchBisection search(64);
  const auto served = run(search, 64, {3, 4, 40});
  std::set<std::size_t> found;
  for (const auto& poisoned : search.poisoned()) found.insert(poisoned.item);
  EXPECT_EQ(found, (std::set<std::size_t>{3, 4, 40}));
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(served[i], found.contains(i) ? 0 : 1);
}

TEST(BatchBisection, ABatchOfOneNeedsNoCall) {
  BatchBisection search(1, {ErrorKind::invalid_input, "bad"});
  EXPECT_FALSE(search.next());
  ASSERT_EQ(search.poisoned().size(), 1u);
  EXPECT_EQ(search.poisoned()[0].reason.message, "bad");
}

TEST(BatchBisection, ItemsThatFailOnlyTogetherAreNotPoisoned) {
  BatchBisection search(10);
  while (search.next()) search.succeeded();
  EXPECT_TRUE(search.poisoned().empty());
  EXPECT_EQ(search.calls(), 2u);
}

TEST(BatchBisection, GivesUpWhenNothingGoesThroughAtAll) {
  BatchBisection search(100);
  while (search.next()) search.failed({});
  EXPECT_TRUE(search.gave_up());
  EXPECT_LE(search.calls(), 16u);
  std::size_t left = search.poisoned().size();
  for (const auto& part : search.unresolved()) left += part.size();
  EXPECT_EQ(left, 100u);
}

TEST(BatchBisection, ThePartIsTheSameUntilItsResultIsTold) {
  BatchBisection search(10);
  EXPECT_EQ(search.next(), (Part{0, 5}));
  EXPECT_EQ(search.next(), (Part{0, 5}));
  search.succeeded();
  EXPECT_EQ(search.next(), (Part{5, 10}));
}

}  // namespace
}  // namespace reelmill::testing
