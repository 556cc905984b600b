// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "stages/api/config_node.h"
#include "stages/api/options.h"
#include "stages/api/stage.h"

namespace reelmill {

/// The version of everything under stages/api/. A plugin is built for exactly one.
inline constexpr int kApiVersion = 2;

/// Where a stage stands in the graph.
enum class StageKind {
  source,  ///< makes frames: `decode`
  frames,  ///< looks at every frame or at the sound on the decoding thread, or is a detector on the
           ///< timeline
  video,   ///< works on the whole video after detection
  model,   ///< hands sampled frames to an external service, whose answers are findings
  call,    ///< hands results and artifacts to an external service
};

std::string_view to_string(StageKind kind) noexcept;

/// A stage with its options filled in.
struct ConfiguredStage {
  StageParts parts;
  std::string canonical_options;  ///< identifies the configuration: `name=value` lines
};

/// What can stand under `use:` in YAML.
struct StageDefinition {
  std::string name;  ///< sources and sinks are nouns, transforms and detectors say what comes out
  int version = 1;   ///< raise it when results change: finished videos run again
  std::string summary;  ///< one sentence
  StageKind kind = StageKind::frames;
  /// Stages that must stand in its `from:`, by `use` name: {"shots"}.
  std::vector<std::string> needs_findings = {};
  std::vector<OptionSpec> options = {};
  /// Adds problems for options that do not fit. With problems, the result is not used.
  std::function<ConfiguredStage(const ConfigNode& with, const StageContext&, const ProblemSink&)>
      configure = {};
  std::string plugin = {};  ///< the shared library it came from; empty for a built-in stage
};

/// All stages of this program, built in and from plugins. Filled before main and by plugins;
/// afterwards only read.
class Registry {
 public:
  /// Errors: invalid_input when the name is taken.
  Status add(StageDefinition definition);
  const StageDefinition* find(std::string_view name) const;
  /// In the order of their names.
  std::vector<const StageDefinition*> all() const;

 private:
  std::vector<std::unique_ptr<StageDefinition>> definitions_;
};

/// The registry that built-in stages add themselves to.
Registry& stage_registry();

/// Makes a definition from an option table and a function that turns options into parts.
template <class Options>
StageDefinition define_stage(StageDefinition header, OptionTable<Options> table,
                             std::function<StageParts(const Options&, const StageContext&)> make) {
  header.options = table.specs();
  header.configure = [table = std::move(table), make = std::move(make)](const ConfigNode& with,
                                                                        const StageContext& context,
                                                                        const ProblemSink& sink) {
    const auto problems = sink.count();
    const Options options = table.parse(with, sink);
    if (sink.count() != problems) return ConfiguredStage{};
    return ConfiguredStage{make(options, context), table.canonical(options)};
  };
  return header;
}

/// `const RegisterStage registered{define_stage<BlackOptions>({...}, table, make)};` at namespace
/// scope.
struct RegisterStage {
  explicit RegisterStage(StageDefinition definition);
};

}  // namespace reelmill

/// What a plugin exports:
///     extern "C" int reelmill_plugin(reelmill::Registry& registry, int api_version);
/// It returns kApiVersion of its own build after adding its stages, or adds nothing when
/// `api_version` differs.
