// SPDX-License-Identifier: Apache-2.0
#include "pipeline/storage_retry.h"

#include <thread>

#include <gmock/gmock.h>

#include "base/manual_clock.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Jobs = std::vector<std::shared_ptr<VideoJob>>;

class StorageRetryTest : public ::testing::Test {
 protected:
  StorageRetryTest() {
    folder_.write("a.mp4", "video");
    options_.output = folder_.path();
  }
  ~StorageRetryTest() override {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }
  void start() {
    thread_ = std::jthread([this](std::stop_token stop) { retry_.run(stop); });
  }
  std::shared_ptr<VideoJob> job(const std::string& name = "a.mp4") const {
    return std::make_shared<VideoJob>(VideoFile{folder_ / name, name, 5, 1}, Admission::Lease());
  }
  void wait_until_it_sleeps() const {
    while (clock_.sleepers() == 0) std::this_thread::yield();
  }
  Jobs again() {
    const std::lock_guard lock(mutex_);
    return again_;
  }
  void wait_for_again(std::size_t count) {
    while (again().size() < count) std::this_thread::yield();
  }

  test::TempFolder folder_;
  ManualClock clock_{ManualClock::Sleep::waits_for_advance};
  PipelineSpec spec_;
  RunOptions options_;
  std::unique_ptr<Ledger> ledger_ = std::move(*Ledger::open(folder_.path()));
  Watchdog watchdog_{{}, clock_};
  StorageWatch storage_{std::vector<InputRoot>{}};
  RunContext context_{spec_, options_, *ledger_, watchdog_, storage_, clock_};
  std::mutex mutex_;
  Jobs again_, given_up_;
  StorageRetry retry_{context_,
                      [this](std::shared_ptr<VideoJob> one) {
                        const std::lock_guard lock(mutex_);
                        again_.push_back(std::move(one));
                      },
                      [this](std::shared_ptr<VideoJob> one) {
                        const std::lock_guard lock(mutex_);
                        given_up_.push_back(std::move(one));
                      }};
  std::jthread thread_;
};

TEST_F(StorageRetryTest, AVideoGoesOnOnceItsStorageAnswers) {
  const auto one = job();
  retry_.add(one);
  start();
  wait_until_it_sleeps();
  EXPECT_THAT(again(), IsEmpty());
  clock_.advance(std::chrono::seconds(1));
  wait_for_again(1);
  EXPECT_THAT(again(), ElementsAre(one));
  EXPECT_EQ(one->storage_failures, 1);
  EXPECT_TRUE(retry_.wait_while_paused({})) << "nothing waits any more";
}

TEST_F(StorageRetryTest, WhatWasTakenAwayMeanwhileDoesNotGoOn) {
  const auto first = job(), second = job("b.mp4");
  retry_.add(first);
  start();
  wait_until_it_sleeps();
  EXPECT_THAT(retry_.take_all(), SizeIs(1));
  clock_.advance(std::chrono::minutes(1));  // the storage answers, for a video that is gone
  retry_.add(second);
  while (again().empty()) {
    clock_.advance(std::chrono::seconds(1));
    std::this_thread::yield();
  }
  EXPECT_THAT(again(), ElementsAre(second));
}

}  // namespace
}  // namespace reelmill
