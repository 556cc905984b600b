// SPDX-License-Identifier: Apache-2.0
#include "pipeline/graph/flow_graph.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "base/fail_point.h"
#include "pipeline/video_job.h"

namespace reelmill {
namespace {

namespace flow = oneapi::tbb::flow;

using JobPtr = std::shared_ptr<VideoJob>;
using ScanPtr = std::shared_ptr<SegmentScan>;

/// Marks that results of some video became durable.
struct Committed {};

}  // namespace

struct FlowGraph::State {
  using OpenNode = flow::function_node<JobPtr>;
  using DecodeNode = flow::multifunction_node<ScanPtr, std::tuple<FrameMessage, ScanPtr>>;
  using AnalyzeNode = flow::function_node<FrameMessage, FrameMessage, flow::lightweight>;
  using ModelNode = flow::async_node<FrameMessage, ScanPtr, flow::lightweight>;
  using AssembleNode = flow::multifunction_node<ScanPtr, std::tuple<JobPtr>>;
  using CommitNode = flow::function_node<JobPtr>;
  using LaneNode = flow::async_node<Committed, SettledCall>;
  using SettleNode = flow::function_node<SettledCall>;

  State(const GraphPlan& plan, FlowBodies given, int workers, int spare)
      : threads(workers + beside(workers)),
        bodies(std::move(given)),
        arena(workers + beside(workers) + spare, 0) {
    // An arena that is made under a limit below its size makes TBB complain to the user.
    allow(threads + spare);
    arena.initialize();
    allow(threads);
    arena.execute([&] { build(plan); });
  }

  /// Threads for what goes on beside the scans: putting videos together waits for the disk, and
  /// commits and outcomes must not wait for it.
  static int beside(int workers) { return std::max(2, workers); }

  /// TBB wakes all the threads that it may have for every message, so it gets no more than it
  /// needs.
  void allow(int count) {
    using Control = oneapi::tbb::global_control;
    control.reset();  // of several, the lowest holds
    control.emplace(Control::max_allowed_parallelism, static_cast<std::size_t>(count + 1));
  }

  void build(const GraphPlan& plan) {
    graph.emplace();
    open.emplace(*graph, flow::unlimited, [this](const JobPtr& job) { bodies.open(job); });
    decode.emplace(
        *graph, flow::unlimited, [this](const ScanPtr& scan, DecodeNode::output_ports_type& ports) {
          bodies.decode(scan,
                        [&](const FrameMessage& frame) { std::get<0>(ports).try_put(frame); });
          if (!bodies.awaits_answers || !bodies.awaits_answers(scan))
            std::get<1>(ports).try_put(scan);
        });
    // noexcept is what makes TBB run a lightweight body at once, on the decoding thread.
    analyze.emplace(*graph, flow::unlimited, [this](const FrameMessage& frame) noexcept {
      bodies.analyze(frame);
      return frame;
    });
    for (const auto& [stage, sample] : bodies.sample)
      models.emplace(stage,
                     std::make_unique<ModelNode>(
                         *graph, flow::unlimited,
                         [sample = sample](const FrameMessage& frame,
                                           ModelNode::gateway_type&) noexcept { sample(frame); }));
    assemble.emplace(*graph, flow::unlimited,
                     [this](const ScanPtr& scan, AssembleNode::output_ports_type& ports) {
                       if (bodies.assemble(scan)) std::get<0>(ports).try_put(scan->job);
                     });
    commit.emplace(*graph, flow::serial, [this](const JobPtr& job) { bodies.commit(job); });
    committed.emplace(*graph);
    settle.emplace(*graph, flow::serial, [this](const SettledCall& call) {
      fail_point("call.settle");
      call.settle();
      const std::lock_guard lock(mutex);
      if (--unsettled == 0) settled.notify_all();
    });
    for (const auto& [stage, wake] : bodies.wake_lane)
      lanes.emplace(stage,
                    std::make_unique<LaneNode>(
                        *graph, flow::unlimited,
                        [wake = wake](const Committed&, LaneNode::gateway_type&) { wake(); }));
    for (const auto& edge : plan.edges)
      if (connect(edge)) made.push_back(edge);
  }

  /// False for an edge whose ends do not exist: then the plan speaks of another graph.
  bool connect(const GraphEdge& edge) {
    const auto is = [&](std::string_view from, std::string_view to) {
      return edge.from == from && edge.to == to;
    };
    // These two cross threads that are not TBB's: the source and the work queue put messages in by
    // hand.
    if (is("source", "open") || is("open", "decode")) return true;
    if (is("decode", "analyze")) {
      flow::make_edge(flow::output_port<0>(*decode), *analyze);
    } else if (is("decode", "assemble")) {
      flow::make_edge(flow::output_port<1>(*decode), *assemble);
    } else if (is("assemble", "commit")) {
      flow::make_edge(flow::output_port<0>(*assemble), *commit);
    } else if (edge.from == "analyze" && models.count(edge.to) == 1) {
      flow::make_edge(*analyze, *models.at(edge.to));
    } else if (edge.to == "assemble" && models.count(edge.from) == 1) {
      flow::make_edge(*models.at(edge.from), *assemble);
    } else if (edge.from == "commit" && lanes.count(edge.to) == 1) {
      flow::make_edge(*committed, *lanes.at(edge.to));
    } else if (edge.to == "settle" && lanes.count(edge.from) == 1) {
      flow::make_edge(*lanes.at(edge.from), *settle);
    } else {
      return false;
    }
    return true;
  }

  std::mutex mutex;
  std::condition_variable settled;
  std::size_t unsettled = 0;  ///< outcomes on their way through the graph
  int threads;
  std::optional<oneapi::tbb::global_control> control;
  FlowBodies bodies;
  oneapi::tbb::task_arena arena;
  std::optional<flow::graph> graph;
  std::optional<OpenNode> open;
  std::optional<DecodeNode> decode;
  std::optional<AnalyzeNode> analyze;
  std::optional<AssembleNode> assemble;
  std::optional<CommitNode> commit;
  std::optional<flow::broadcast_node<Committed>> committed;
  std::map<std::string, std::unique_ptr<ModelNode>> models;
  std::map<std::string, std::unique_ptr<LaneNode>> lanes;
  std::optional<SettleNode> settle;
  std::vector<GraphEdge> made;
};

FlowGraph::FlowGraph(const GraphPlan& plan, FlowBodies bodies, int workers, int spare)
    : state_(std::make_unique<State>(plan, std::move(bodies), workers, spare)) {}

FlowGraph::~FlowGraph() {
  wait();
}

void FlowGraph::open(std::shared_ptr<VideoJob> job) {
  state_->open->try_put(std::move(job));
}
void FlowGraph::decode(std::shared_ptr<SegmentScan> scan) {
  state_->decode->try_put(std::move(scan));
}
void FlowGraph::answered(std::shared_ptr<SegmentScan> scan) {
  // Whichever model answered last: the scan is complete, and all of them lead to the same place.
  state_->models.begin()->second->gateway().try_put(std::move(scan));
}
void FlowGraph::commit(std::shared_ptr<VideoJob> job) {
  state_->commit->try_put(std::move(job));
}
void FlowGraph::committed() {
  state_->committed->try_put(Committed{});
}
void FlowGraph::settle(const std::string& stage, SettledCall call) {
  auto& lane = *state_->lanes.at(stage);
  {
    const std::lock_guard lock(state_->mutex);
    ++state_->unsettled;
  }
  lane.gateway().try_put(std::move(call));
}

void FlowGraph::replace_worker() {
  const std::lock_guard lock(state_->mutex);
  state_->allow(++state_->threads);
}

void FlowGraph::wait() {
  state_->arena.execute([this] { state_->graph->wait_for_all(); });
}

void FlowGraph::wait_until_settled() {
  std::unique_lock lock(state_->mutex);
  state_->settled.wait(lock, [this] { return state_->unsettled == 0; });
}

const std::vector<GraphEdge>& FlowGraph::edges() const {
  return state_->made;
}

}  // namespace reelmill
