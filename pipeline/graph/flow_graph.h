// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "pipeline/graph_plan.h"
#include "pipeline/observe.h"
#include "pipeline/work_queue.h"

namespace reelmill {

/// Something that became of an upload, on its way to the ledger.
struct SettledCall {
  std::function<void()> settle;
};

/// What the graph's nodes do. Bodies return, never throw; one that throws ends the run as a fault
/// of the program.
struct FlowBodies {
  using EmitFrame = std::function<void(const FrameMessage&)>;

  std::function<void(std::shared_ptr<VideoJob>)> open;
  std::function<void(std::shared_ptr<SegmentScan>, const EmitFrame&)> decode;
  std::function<void(const FrameMessage&)> analyze;
  /// By stage id of a model: looks at each frame after its analysis, on the same thread.
  std::map<std::string, std::function<void(const FrameMessage&)>> sample;
  /// True when a scan is not complete with its frames: it goes on by answered(). Empty: never.
  std::function<bool(const std::shared_ptr<SegmentScan>&)> awaits_answers;
  /// True when the video is complete and goes on to commit.
  std::function<bool(std::shared_ptr<SegmentScan>)> assemble;
  std::function<void(std::shared_ptr<VideoJob>)> commit;
  std::map<std::string, std::function<void()>> wake_lane;  ///< by stage id: new work is on disk
};

/// The TBB flow graph of a run, built edge by edge from a GraphPlan. Owns the threads that decode.
/// The only class that knows TBB. Thread-safe but for construction and wait().
class FlowGraph {
 public:
  /// `workers`: scans under way at once. `spare`: how many workers may be written off before the
  /// graph runs short of threads.
  FlowGraph(const GraphPlan& plan, FlowBodies bodies, int workers, int spare);
  ~FlowGraph();  ///< waits for all work

  void open(std::shared_ptr<VideoJob> job);
  void decode(std::shared_ptr<SegmentScan> scan);
  /// The models have answered for all frames of a scan that awaited them.
  void answered(std::shared_ptr<SegmentScan> scan);
  /// For a video that ended without its last segment passing through assemble.
  void commit(std::shared_ptr<VideoJob> job);
  /// Results of a video are in the ledger: its lanes have work.
  void committed();
  /// An outcome of a call leaves the lane of this stage.
  void settle(const std::string& stage, SettledCall call);

  /// A worker is stuck for ever: another thread takes its place.
  void replace_worker();

  /// Waits until nothing is under way: for ever while a worker is stuck.
  void wait();
  /// Waits until every outcome that settle() was given has left the graph, whatever is stuck.
  void wait_until_settled();
  /// The edges as they were really made.
  const std::vector<GraphEdge>& edges() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reelmill
