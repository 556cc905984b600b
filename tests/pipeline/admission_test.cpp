// SPDX-License-Identifier: Apache-2.0
#include "pipeline/admission.h"

#include <thread>

#include <gtest/gtest.h>

#include "pipeline/video_job.h"
#include "pipeline/work_queue.h"

namespace reelmill {
namespace {

TEST(Admission, AdmitsUpToItsLimits) {
  Admission admission({.videos = 2, .bytes = 100});
  auto one = admission.acquire(40, {});
  auto two = admission.acquire(40, {});
  EXPECT_TRUE(one && two);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(admission.acquire(1, stop.get_token())) << "a third video has no place";
  one->give_back();
  EXPECT_FALSE(admission.acquire(70, stop.get_token())) << "too many bytes beside the second";
  EXPECT_EQ(admission.videos(), 1);
}

TEST(Admission, OneVideoIsAlwaysAdmittedHoweverLarge) {
  Admission admission({.videos = 1, .bytes = 10});
  EXPECT_TRUE(admission.acquire(1'000'000, {}));
}

TEST(Admission, AWaiterGoesOnWhenALeaseComesBack) {
  Admission admission({.videos = 1, .bytes = 10});
  auto held = admission.acquire(1, {});
  bool is_admitted = false;
  std::jthread waiter([&] { is_admitted = admission.acquire(1, {}).has_value(); });
  held->give_back();
  waiter.join();
  EXPECT_TRUE(is_admitted);
}

TEST(WorkQueue, StartsNoMoreThanItHasWorkersAndSegmentsBeforeNewVideos) {
  std::vector<int> started;
  WorkQueue queue(1, [&](WorkItem item) { started.push_back(item.segment); });
  queue.push({nullptr, -1});
  queue.push({nullptr, -1});
  queue.push({nullptr, 3});
  EXPECT_EQ(started, (std::vector<int>{-1}));
  queue.finished();
  queue.finished();
  EXPECT_EQ(started, (std::vector<int>{-1, 3, -1}));
  EXPECT_EQ(queue.running(), 1);
}

TEST(WorkQueue, GivesBackWhatHasNotStarted) {
  WorkQueue queue(0, [](WorkItem) {});
  queue.push({nullptr, 1});
  queue.push({nullptr, -1});
  EXPECT_EQ(queue.clear().size(), 2u);
  EXPECT_TRUE(queue.clear().empty());
}

}  // namespace
}  // namespace reelmill
