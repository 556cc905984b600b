// SPDX-License-Identifier: Apache-2.0
// What a flow graph still does while some of its threads are stuck.
#include "pipeline/graph/flow_graph.h"

#include <chrono>
#include <condition_variable>
#include <latch>

#include <gtest/gtest.h>

#include "pipeline/config.h"
#include "pipeline/video_job.h"

namespace reelmill {
namespace {

/// Scans of segment -1 are stuck until the end of the test; the others meet each other.
class StuckThreads : public testing::Test {
 protected:
  static constexpr int kWorkers = 2, kSpare = 3;
  /// The workers, and as many threads beside them, as FlowGraph has it.
  static constexpr int kThreads = 2 * kWorkers;
  static constexpr std::chrono::seconds kPatience{10};

  ~StuckThreads() override {
    end_.count_down();
    graph_.reset();
  }

  void make(const PipelineSpec& spec) {
    FlowBodies bodies;
    bodies.open = [](auto) {};
    bodies.decode = [this](const auto& scan, const auto&) {
      if (scan->segment.index >= 0) return meet();
      stuck_.count_down();
      end_.wait();
    };
    bodies.analyze = [](const auto&) {};
    bodies.assemble = [](auto) { return false; };
    bodies.commit = [](auto) {};
    for (const auto& stage : spec.stages)
      if (stage.configured.parts.call_stage != nullptr) bodies.wake_lane[stage.id] = [] {};
    graph_.emplace(make_graph_plan(spec, kWorkers), std::move(bodies), kWorkers, kSpare);
  }

  void decode(int segment) {
    auto scan = std::make_shared<SegmentScan>();
    scan->segment.index = segment;
    graph_->decode(std::move(scan));
  }

  void get_stuck() {
    for (int i = 0; i < kSpare; ++i) decode(-1);
    stuck_.wait();
  }

  void meet() {
    std::unique_lock lock(mutex_);
    ++under_way_;
    most_under_way_ = std::max(most_under_way_, under_way_);
    changed_.notify_all();
    changed_.wait_for(lock, kPatience, [this] { return most_under_way_ == kThreads; });
    --under_way_;
    ++met_;
    changed_.notify_all();
  }

  /// Scans of `kThreads` segments under way at the same time, at most.
  int most_at_once() {
    for (int i = 0; i < kThreads; ++i) decode(i);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return met_ == kThreads; });
    return most_under_way_;
  }

  std::latch stuck_{kSpare}, end_{1};
  std::mutex mutex_;
  std::condition_variable changed_;
  int under_way_ = 0, most_under_way_ = 0, met_ = 0;
  std::optional<FlowGraph> graph_;
};

TEST_F(StuckThreads, ThatAreReplacedLeaveTheGraphAtFullStrength) {
  make({});
  get_stuck();
  for (int i = 0; i < kSpare; ++i) graph_->replace_worker();
  EXPECT_EQ(most_at_once(), kThreads);
}

TEST_F(StuckThreads, DoNotKeepOutcomesOfCallsFromBeingWaitedFor) {
  std::vector<Problem> problems;
  const auto spec = load_config(REELMILL_SOURCE_DIR "/configs/archive.yaml", {}, problems);
  ASSERT_TRUE(spec);
  make(*spec);
  get_stuck();
  constexpr int kOutcomes = 10'000;
  std::latch begin(1);
  std::atomic<int> settled{0};
  for (int i = 0; i < kOutcomes; ++i)
    graph_->settle("publish", {[&] {
                     begin.wait();
                     ++settled;
                   }});
  begin.count_down();
  graph_->wait_until_settled();
  EXPECT_EQ(settled, kOutcomes);
}

}  // namespace
}  // namespace reelmill
