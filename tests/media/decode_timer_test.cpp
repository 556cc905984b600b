// SPDX-License-Identifier: Apache-2.0
#include "media/decode_timer.h"

#include <gtest/gtest.h>

namespace reelmill {
namespace {

double thread_cpu_s() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Computes until the thread has used so much more CPU time.
int use_cpu(double seconds) {
  const double end = thread_cpu_s() + seconds;
  while (thread_cpu_s() < end) {
  }
  return 0;
}

constexpr double kWork_s = 0.004;

TEST(DecodeTimer, CountsAPacketUpToItsFirstAnswer) {
  DecodeTimer timer;
  const double begin = thread_cpu_s();
  timer.send([] { return use_cpu(kWork_s); });
  timer.receive([] { return use_cpu(kWork_s); });
  EXPECT_GE(timer.seconds(), 2 * kWork_s);
  EXPECT_LE(timer.seconds(), thread_cpu_s() - begin);
}

TEST(DecodeTimer, CountsFurtherAnswers) {
  DecodeTimer timer;
  timer.send([] { return 0; });
  timer.receive([] { return 0; });
  const double before = timer.seconds();
  EXPECT_LT(before, kWork_s);
  timer.receive([] { return use_cpu(kWork_s); });
  EXPECT_GE(timer.seconds(), before + kWork_s);
}

TEST(DecodeTimer, CountsPacketsThatNobodyAskedAboutWithoutWhatCameAfterThem) {
  DecodeTimer timer;
  timer.send([] { return use_cpu(kWork_s); });
  EXPECT_GE(timer.seconds(), kWork_s);
  const double sent = timer.seconds();
  use_cpu(10 * kWork_s);  // of somebody else
  timer.send([] { return 0; });
  timer.receive([] { return 0; });
  EXPECT_GE(timer.seconds(), sent);
  EXPECT_LT(timer.seconds(), sent + 10 * kWork_s);
}

TEST(DecodeTimer, GivesBackWhatTheCallSaid) {
  DecodeTimer timer;
  EXPECT_EQ(timer.send([] { return 7; }), 7);
  EXPECT_EQ(timer.receive([] { return 8; }), 8);
  EXPECT_EQ(timer.receive([] { return 9; }), 9);
}

}  // namespace
}  // namespace reelmill
