// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "pipeline/config.h"
#include "pipeline/graph/flow_graph.h"
#include "pipeline/video_job.h"

namespace reelmill {
namespace {

std::vector<std::filesystem::path> configs() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(REELMILL_SOURCE_DIR "/configs"))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  return files;
}

class GraphOf : public testing::TestWithParam<std::filesystem::path> {
 protected:
  GraphOf() {
    ConfigSettings settings;
    settings.environment = [](const std::string& name) -> std::optional<std::string> {
      if (name == "REELMILL_PUBLISH_URL") return "http://127.0.0.1:9/archive";
      return {};
    };
    std::vector<Problem> problems;
    auto loaded = load_config(GetParam(), settings, problems);
    if (loaded) spec_ = std::move(*loaded);
    for (const auto& problem : problems) problems_ += to_string(problem) + "\n";
  }
  PipelineSpec spec_;
  std::string problems_;
};

TEST_P(GraphOf, ThePlanShowsDecodeAnalyzeAndUploadWithTheirBatching) {
  ASSERT_FALSE(spec_.stages.empty()) << problems_;
  const auto plan = make_graph_plan(spec_, 2);
  ASSERT_NE(plan.find("decode"), nullptr);
  ASSERT_NE(plan.find("analyze"), nullptr);
  EXPECT_EQ(plan.find("analyze")->kind, NodeKind::lightweight);
  for (const auto& stage : spec_.stages) {
    const bool is_shown =
        std::any_of(plan.nodes.begin(), plan.nodes.end(), [&](const GraphNode& node) {
          return std::find(node.stages.begin(), node.stages.end(), stage.id) != node.stages.end();
        });
    EXPECT_TRUE(is_shown) << stage.id << " stands in no node";
    const auto& parts = stage.configured.parts;
    if (parts.call_stage == nullptr && parts.frame_call_stage == nullptr) continue;
    ASSERT_NE(plan.find(stage.id), nullptr);
    EXPECT_EQ(plan.find(stage.id)->kind, NodeKind::lane);
  }
  for (const auto& edge : plan.edges) {
    EXPECT_FALSE(edge.batching.empty()) << edge.from << " -> " << edge.to;
    EXPECT_NE(plan.find(edge.from), nullptr) << edge.from;
    EXPECT_NE(plan.find(edge.to), nullptr) << edge.to;
    EXPECT_NE(to_text(plan).find(edge.from), std::string::npos);
  }
}

TEST_P(GraphOf, TheGraphIsBuiltExactlyAsPlanned) {
  ASSERT_FALSE(spec_.stages.empty()) << problems_;
  const auto plan = make_graph_plan(spec_, 2);
  FlowBodies bodies;
  bodies.open = [](auto) {};
  bodies.decode = [](auto, const auto&) {};
  bodies.analyze = [](const auto&) {};
  bodies.assemble = [](auto) { return false; };
  bodies.commit = [](auto) {};
  for (const auto& stage : spec_.stages)
    if (stage.configured.parts.call_stage != nullptr)
      bodies.wake_lane[stage.id] = [] {};
    else if (stage.configured.parts.frame_call_stage != nullptr)
      bodies.sample[stage.id] = [](const auto&) {};
  FlowGraph graph(plan, std::move(bodies), 2, 1);
  const auto& edges = graph.edges();
  ASSERT_EQ(edges.size(), plan.edges.size()) << "an edge of the plan could not be made";
  for (std::size_t i = 0; i < edges.size(); ++i) {
    EXPECT_EQ(edges[i].from, plan.edges[i].from);
    EXPECT_EQ(edges[i].to, plan.edges[i].to);
  }
}

INSTANTIATE_TEST_SUITE_P(Config, GraphOf, testing::ValuesIn(configs()), [](const auto& config) {
  std::string name = config.param.stem().native();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(FlowGraph, AnalyzesAFrameOnTheThreadThatDecodedItBeforeDecodingGoesOn) {
  PipelineSpec spec;
  const auto plan = make_graph_plan(spec, 2);
  std::thread::id decoded_on, analyzed_on;
  int analyzed = 0, behind = 0;
  FlowBodies bodies;
  bodies.open = [](auto) {};
  bodies.decode = [&](auto scan, const FlowBodies::EmitFrame& emit) {
    decoded_on = std::this_thread::get_id();
    for (int i = 1; i <= 100; ++i) {
      emit({scan.get(), nullptr, i, 0});
      behind += analyzed != i;
    }
  };
  bodies.analyze = [&](const FrameMessage&) {
    analyzed_on = std::this_thread::get_id();
    ++analyzed;
  };
  bodies.assemble = [](auto) { return false; };
  bodies.commit = [](auto) {};
  FlowGraph graph(plan, std::move(bodies), 2, 1);
  graph.decode(std::make_shared<SegmentScan>());
  graph.wait();
  EXPECT_EQ(analyzed, 100);
  EXPECT_EQ(behind, 0);
  EXPECT_EQ(decoded_on, analyzed_on);
}

PipelineSpec spec_with_a_model() {
  std::vector<Problem> problems;
  auto spec = load_config(REELMILL_SOURCE_DIR "/configs/infer.yaml", {}, problems);
  return spec.value_or(PipelineSpec{});
}

TEST(FlowGraph, OffersEachFrameToAModelAfterItsAnalysisOnTheSameThread) {
  std::string order;
  std::thread::id decoded_on;
  bool is_same_thread = true;
  FlowBodies bodies;
  bodies.open = [](auto) {};
  bodies.decode = [&](auto scan, const FlowBodies::EmitFrame& emit) {
    decoded_on = std::this_thread::get_id();
    for (int i = 0; i < 3; ++i) {
      emit({scan.get(), nullptr, i, 0});
      order += " ";
    }
  };
  bodies.analyze = [&](const auto&) { order += "a"; };
  bodies.sample["labels"] = [&](const FrameMessage& frame) {
    is_same_thread = is_same_thread && std::this_thread::get_id() == decoded_on;
    order += std::to_string(frame.pts);
  };
  bodies.assemble = [](auto) { return false; };
  bodies.commit = [](auto) {};
  FlowGraph graph(make_graph_plan(spec_with_a_model(), 2), std::move(bodies), 2, 1);
  graph.decode(std::make_shared<SegmentScan>());
  graph.wait();
  EXPECT_EQ(order, "a0 a1 a2 ");
  EXPECT_TRUE(is_same_thread);
}

TEST(FlowGraph, AScanThatAwaitsAnswersGoesOnOnceItIsAnswered) {
  std::atomic<int> assembled{0};
  FlowBodies bodies;
  bodies.open = [](auto) {};
  bodies.decode = [](auto, const auto&) {};
  bodies.analyze = [](const auto&) {};
  bodies.sample["labels"] = [](const auto&) {};
  bodies.awaits_answers = [](const auto& scan) { return scan->segment.index == 1; };
  bodies.assemble = [&](auto scan) {
    assembled += 1 + 10 * scan->segment.index;
    return false;
  };
  bodies.commit = [](auto) {};
  FlowGraph graph(make_graph_plan(spec_with_a_model(), 2), std::move(bodies), 2, 1);
  auto waiting = std::make_shared<SegmentScan>();
  waiting->segment.index = 1;
  graph.decode(waiting);
  graph.decode(std::make_shared<SegmentScan>());
  graph.wait();
  EXPECT_EQ(assembled, 1);
  graph.answered(waiting);
  graph.wait();
  EXPECT_EQ(assembled, 12);
}

TEST(FlowGraph, HandsACompleteVideoToCommitOnce) {
  PipelineSpec spec;
  std::atomic<int> committed{0};
  FlowBodies bodies;
  bodies.open = [](auto) {};
  bodies.decode = [](auto, const auto&) {};
  bodies.analyze = [](const auto&) {};
  bodies.assemble = [](std::shared_ptr<SegmentScan> scan) { return scan->segment.index == 1; };
  bodies.commit = [&](auto) { ++committed; };
  FlowGraph graph(make_graph_plan(spec, 2), std::move(bodies), 2, 1);
  for (int i = 0; i < 3; ++i) {
    auto scan = std::make_shared<SegmentScan>();
    scan->segment.index = i;
    graph.decode(scan);
  }
  graph.wait();
  EXPECT_EQ(committed, 1);
}

}  // namespace
}  // namespace reelmill
