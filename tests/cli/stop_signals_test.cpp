// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_signals.h"

#include <gtest/gtest.h>
#include <signal.h>

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

}  // namespace
}  // namespace reelmill
