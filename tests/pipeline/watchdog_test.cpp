// SPDX-License-Identifier: Apache-2.0
#include "pipeline/watchdog.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;

class WatchdogTest : public testing::Test {
 protected:
  void pass(Duration time) {
    clock_.advance(time);
    dog_.look();
  }
  ManualClock clock_;
  Watchdog dog_{{.stall_timeout = 10s, .grace = 2s}, clock_};
  std::shared_ptr<ReadControl> control_ = std::make_shared<ReadControl>();
  int written_off_ = 0;
  Watchdog::Watch watch_{dog_, control_, [this] { ++written_off_; }};
};

TEST_F(WatchdogTest, LeavesASlowReaderAloneAsLongAsItMakesProgress) {
  for (int i = 0; i < 100; ++i) {
    control_->made_progress();
    pass(9s);
  }
  EXPECT_FALSE(control_->is_interrupted());
  EXPECT_EQ(watch_.end(), Watchdog::Verdict::finished);
}

TEST_F(WatchdogTest, InterruptsAReaderWithoutProgressAtTheTimeoutAndNotBefore) {
  pass(9s);
  EXPECT_FALSE(control_->is_interrupted());
  pass(1s);
  EXPECT_TRUE(control_->is_interrupted());
  EXPECT_EQ(watch_.end(), Watchdog::Verdict::stalled);
  EXPECT_EQ(written_off_, 0);
}

TEST_F(WatchdogTest, WritesOffAReaderThatDoesNotComeBackOnce) {
  pass(10s);
  pass(1s);
  EXPECT_EQ(written_off_, 0);
  pass(1s);
  pass(10s);
  EXPECT_EQ(written_off_, 1);
  EXPECT_EQ(dog_.lost(), 1);
  EXPECT_EQ(watch_.end(), Watchdog::Verdict::written_off);
  EXPECT_EQ(dog_.lost(), 0);
}

TEST_F(WatchdogTest, ARunThatEndsInterruptsEveryReader) {
  dog_.interrupt_all();
  EXPECT_TRUE(control_->is_interrupted());
  EXPECT_EQ(watch_.end(), Watchdog::Verdict::finished);
}

}  // namespace
}  // namespace reelmill
