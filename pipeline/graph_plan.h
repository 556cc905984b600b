// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pipeline/spec.h"

namespace reelmill {

/// How a node of the flow graph runs.
enum class NodeKind {
  source,       ///< a thread of its own: walks the input and admits videos
  function,     ///< a task a message
  multi,        ///< a task a message that puts out any number of messages
  lightweight,  ///< runs at once on the thread that made the message
  serial,       ///< one message at a time, in order
  lane,         ///< hands over to threads that make blocking calls
};

struct GraphNode {
  std::string name;
  NodeKind kind = NodeKind::function;
  int concurrency = 0;              ///< 0 = as many as there are messages
  std::vector<std::string> stages;  ///< ids of the stages that run here
};

struct GraphEdge {
  std::string from, to;
  std::string carries;   ///< what a message is
  std::string batching;  ///< how messages are grouped on the way
};

/// The flow graph of a configuration as data: what `plan --graph` prints, and what the graph is
/// built from.
struct GraphPlan {
  std::vector<GraphNode> nodes;
  std::vector<GraphEdge> edges;

  const GraphNode* find(std::string_view name) const;
};

GraphPlan make_graph_plan(const PipelineSpec& spec, int workers);

std::string_view to_string(NodeKind kind) noexcept;

/// `decode -> analyze  frames  unbatched: ...`, nodes first, then edges.
std::string to_text(const GraphPlan& plan);

}  // namespace reelmill
