// SPDX-License-Identifier: Apache-2.0
#include "pipeline/graph_plan.h"

#include <algorithm>

#include "base/units.h"

namespace reelmill {
namespace {

std::string batching_text(const BatchOptions& batch) {
  return fmt::format("{}, {} items, {} or {} at most", to_string(batch.strategy),
                     batch.initial_batch_size, format_bytes(batch.max_bytes),
                     format_duration(batch.max_wait));
}

}  // namespace

const GraphNode* GraphPlan::find(std::string_view name) const {
  const auto found =
      std::find_if(nodes.begin(), nodes.end(), [&](const auto& node) { return node.name == name; });
  return found == nodes.end() ? nullptr : &*found;
}

GraphPlan make_graph_plan(const PipelineSpec& spec, int workers) {
  std::vector<std::string> sources, analyses, assemblies;
  std::vector<const StageSpec*> calls, models;
  for (const auto& stage : spec.stages) {
    const StageParts& parts = stage.configured.parts;
    if (parts.frame_source != nullptr)
      sources.push_back(stage.id);
    else if (parts.call_stage != nullptr)
      calls.push_back(&stage);
    else if (parts.frame_call_stage != nullptr)
      models.push_back(&stage);
    else if (parts.make_frame_observer || parts.make_audio_observer)
      analyses.push_back(stage.id);
    if (parts.detector != nullptr || parts.video_stage != nullptr) assemblies.push_back(stage.id);
  }
  const std::string unbatched = "none: handled on the thread that decoded it";
  GraphPlan plan;
  plan.nodes = {{"source", NodeKind::source, 1, {}},
                {"open", NodeKind::function, workers, sources},
                {"decode", NodeKind::multi, workers, sources},
                {"analyze", NodeKind::lightweight, 0, analyses},
                {"assemble", NodeKind::function, 0, assemblies},
                {"commit", NodeKind::serial, 1, {}}};
  plan.edges = {{"source", "open", "videos", "none: admitted one by one"},
                {"open", "decode", "segments", "none"},
                {"decode", "analyze", "frames", unbatched},
                {"decode", "assemble", "scanned segments", "joined by video"},
                {"assemble", "commit", "finished videos", "the ledger groups its transactions"}};
  for (const auto* model : models) {
    plan.nodes.push_back({model->id, NodeKind::lane, model->lanes, {model->id}});
    plan.edges.push_back({"analyze", model->id, "sampled frames", batching_text(model->batch)});
    plan.edges.push_back({model->id, "assemble", "answered scans", "joined by video"});
  }
  for (const auto* call : calls) {
    plan.nodes.push_back({call->id, NodeKind::lane, call->lanes, {call->id}});
    plan.edges.push_back({"commit", call->id, "files on disk", batching_text(call->batch)});
    plan.edges.push_back({call->id, "settle", "outcomes", "the ledger groups its transactions"});
  }
  if (!calls.empty()) plan.nodes.push_back({"settle", NodeKind::serial, 1, {}});
  return plan;
}

std::string_view to_string(NodeKind kind) noexcept {
  switch (kind) {
    case NodeKind::source:
      return "source";
    case NodeKind::function:
      return "function";
    case NodeKind::multi:
      return "multifunction";
    case NodeKind::lightweight:
      return "lightweight";
    case NodeKind::serial:
      return "serial";
    case NodeKind::lane:
      return "lane";
  }
  return "function";
}

std::string to_text(const GraphPlan& plan) {
  std::string text = "nodes\n";
  for (const auto& node : plan.nodes)
    text += fmt::format("  {:<12} {:<14} {:<12} {}\n", node.name, to_string(node.kind),
                        node.concurrency == 0 ? "unlimited" : fmt::format("× {}", node.concurrency),
                        fmt::join(node.stages, ", "));
  text += "edges\n";
  for (const auto& edge : plan.edges)
    text += fmt::format("  {:<12} -> {:<12} {:<18} batching: {}\n", edge.from, edge.to,
                        edge.carries, edge.batching);
  return text;
}

}  // namespace reelmill
