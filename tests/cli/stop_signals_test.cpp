// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_signals.h"

#include <chrono>
#include <cstdlib>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace reelmill {
namespace {

bool is_blocked(int signal_number) {
  sigset_t set;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &set);
  return ::sigismember(&set, signal_number) == 1;
}

TEST(StopSignals, ASignalThatIsIgnoredAlreadyStaysIgnored) {
  // A blocked signal would wait for sigtimedwait() even though it is ignored: under nohup the end
  // of the session would end the run.
  auto* const before = ::signal(SIGHUP, SIG_IGN);
  {
    const StopSignals signals([] {});
    EXPECT_FALSE(is_blocked(SIGHUP));
    EXPECT_TRUE(is_blocked(SIGTERM));
  }
  ::signal(SIGHUP, SIG_DFL);
  {
    const StopSignals signals([] {});
    EXPECT_TRUE(is_blocked(SIGHUP));
  }
  EXPECT_FALSE(is_blocked(SIGHUP));
  ::signal(SIGHUP, before);
}

TEST(StopSignals, EndWithoutWaitingForASignalOrForTheNextLookAtOne) {
  constexpr int kRuns = 200;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kRuns; ++i) const StopSignals signals([] {});
  // Far more than threads take to start and end, far less than any period of looking.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kRuns * std::chrono::milliseconds(10));
}

void stop_a_thousand_times() {
  for (int i = 0; i < 1'000; ++i) {
    int stops = 0;
    {
      const StopSignals signals([&] { ++stops; });
      ::kill(::getpid(), SIGTERM);
    }
    if (stops != 1) std::_Exit(1);
  }
  std::_Exit(0);
}

TEST(StopSignalsDeathTest, ASignalThatCameBeforeTheEndIsHeard) {
  // In a process of its own: a thread of another test would take the signal.
  EXPECT_EXIT(stop_a_thousand_times(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace reelmill
