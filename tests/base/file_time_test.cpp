// SPDX-License-Identifier: Apache-2.0
#include "base/file_time.h"

#include <gtest/gtest.h>

namespace reelmill {
namespace {

std::int64_t of(std::int64_t seconds, long nanoseconds) {
  struct stat file{};
  file.st_mtim = {seconds, nanoseconds};
  return modified_ns(file);
}

TEST(FileTime, CountsNanosecondsSince1970) {
  EXPECT_EQ(of(0, 0), 0);
  EXPECT_EQ(of(1'700'000'000, 5), 1'700'000'000'000'000'005);
  EXPECT_EQ(of(-1, 999'999'999), -1);
}

TEST(FileTime, WhatLiesBeyondCountsAsTheNearestThatFits) {
  constexpr std::int64_t kYear2446 = 15'032'385'535;  // the last that ext4 holds
  EXPECT_EQ(of(kYear2446, 0), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(of(9'223'372'036, 999'999'999), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(of(-kYear2446, 0), std::numeric_limits<std::int64_t>::min());
}

}  // namespace
}  // namespace reelmill
