// SPDX-License-Identifier: Apache-2.0
#include "resilience/success_stripes.h"

#include <thread>

#include <gtest/gtest.h>

#include "tests/resilience/threads_together.h"

namespace reelmill::testing {
namespace {

TEST(SuccessStripes, CountNothingBeforeTheyStart) {
  SuccessStripes stripes;
  EXPECT_FALSE(stripes.add(0));
  EXPECT_EQ(stripes.count(), 0u);
  EXPECT_EQ(stripes.stop(), 0u);
}

TEST(SuccessStripes, CountTheirOwnGenerationOnly) {
  SuccessStripes stripes;
  stripes.start(7);
  EXPECT_TRUE(stripes.add(7));
  EXPECT_FALSE(stripes.add(6));
  EXPECT_FALSE(stripes.add(8));
  EXPECT_FALSE(stripes.add(0));
  EXPECT_EQ(stripes.stop(), 1u);
}

TEST(SuccessStripes, CountNothingOnceStopped) {
  SuccessStripes stripes;
  stripes.start(7);
  EXPECT_EQ(stripes.stop(), 0u);
  EXPECT_FALSE(stripes.add(7));
  stripes.start(8);
  EXPECT_FALSE(stripes.add(7));
  EXPECT_TRUE(stripes.add(8));
  EXPECT_EQ(stripes.count(), 1u);
}

TEST(SuccessStripes, NoGenerationIsCountedWhileTheyRest) {
  SuccessStripes stripes;
  for (const std::uint64_t generation : {0xFF'FFFF'FFFFULL, 0xFFF'FFFF'FFFF'FFFFULL}) {
    EXPECT_FALSE(stripes.add(generation));
  }
}

TEST(SuccessStripes, GoOnCountingWhenTheyAreDrained) {
  SuccessStripes stripes;
  stripes.start(1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(stripes.add(1));
  EXPECT_EQ(stripes.drain(), 3u);
  EXPECT_EQ(stripes.drain(), 0u);
  EXPECT_TRUE(stripes.add(1));
  EXPECT_EQ(stripes.stop(), 1u);
}

TEST(SuccessStripes, AFullStripeRefusesUntilItIsDrained) {
  SuccessStripes stripes;
  stripes.start(3);
  std::uint64_t added = 0;
  while (stripes.add(3)) ++added;
  EXPECT_EQ(added, 1u << 23);
  EXPECT_EQ(stripes.drain(), added);
  EXPECT_TRUE(stripes.add(3));
}

TEST(SuccessStripes, LoseNothingUnderManyThreadsWhileTheyAreDrained) {
  SuccessStripes stripes;
  stripes.start(5);
  std::uint64_t drained = 0;
  {
    std::jthread drain([&](std::stop_token stop) {
      while (!stop.stop_requested()) drained += stripes.drain();
    });
    together([&](int) {
      for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(stripes.add(5));
    });
  }
  EXPECT_EQ(drained + stripes.stop(), 10'000u * threads);
}

TEST(SuccessStripes, CountEachSuccessInItsGenerationOrNotAtAll) {
  SuccessStripes stripes;
  std::atomic<std::uint64_t> generation{0}, counted{0};
  stripes.start(0);
  std::uint64_t stopped = 0;
  {
    std::jthread turn([&](std::stop_token stop) {
      while (!stop.stop_requested()) {
        stopped += stripes.stop();
        stripes.start(generation.fetch_add(1) + 1);
      }
    });
    together([&](int) {
      for (int i = 0; i < 10'000; ++i) counted += stripes.add(generation.load()) ? 1 : 0;
    });
  }
  EXPECT_EQ(stopped + stripes.stop(), counted.load());
}

}  // namespace
}  // namespace reelmill::testing
