// SPDX-License-Identifier: Apache-2.0
#include "pipeline/byte_budget.h"

#include <gtest/gtest.h>

namespace reelmill {
namespace {

TEST(ByteBudget, GrantsUpToItsCapacityAndRemembersTheMost) {
  ByteBudget budget(100);
  auto a = budget.try_acquire(60), b = budget.try_acquire(40);
  EXPECT_TRUE(a && b);
  EXPECT_FALSE(budget.try_acquire(1));
  a->give_back();
  EXPECT_EQ(budget.in_use(), 40u);
  EXPECT_TRUE(budget.try_acquire(60));
  EXPECT_EQ(budget.high_water(), 100u);
}

TEST(ByteBudget, GrantsOneLeaseHoweverLargeWhileNothingIsHeld) {
  ByteBudget budget(100);
  {
    const auto large = budget.try_acquire(1000);
    EXPECT_TRUE(large);
    EXPECT_FALSE(budget.try_acquire(1));
  }
  EXPECT_EQ(budget.in_use(), 0u);
}

TEST(ByteBudget, IsGivenBackOnceWhenALeaseMoves) {
  ByteBudget budget(100);
  auto first = budget.try_acquire(30);
  ByteBudget::Lease second = std::move(*first);
  first.reset();
  EXPECT_EQ(budget.in_use(), 30u);
  second = ByteBudget::Lease();
  EXPECT_EQ(budget.in_use(), 0u);
}

}  // namespace
}  // namespace reelmill
