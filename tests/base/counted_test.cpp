// SPDX-License-Identifier: Apache-2.0
#include "base/counted.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace reelmill {
namespace {

TEST(Counted, OnlyOneIsSingular) {
  EXPECT_EQ(counted(0, "video"), "0 videos");
  EXPECT_EQ(counted(1, "video"), "1 video");
  EXPECT_EQ(counted(std::uint64_t{21}, "video"), "21 videos");
}

TEST(Counted, AWordMayHaveAPluralOfItsOwn) {
  EXPECT_EQ(counted(1, "batch", "batches"), "1 batch");
  EXPECT_EQ(counted(std::int64_t{2}, "batch", "batches"), "2 batches");
}

}  // namespace
}  // namespace reelmill
