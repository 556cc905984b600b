// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pipeline/config_values.h"
#include "pipeline/spec.h"
#include "stages/api/registry.h"

namespace reelmill {

/// What a configuration is read against.
struct ConfigSettings {
  std::string output_folder;  ///< OUT, absolute; empty when only checking
  Environment environment = process_environment;
  Registry* registry = &stage_registry();  ///< plugins add their stages to it
};

/// Reads a YAML file into a specification whose stages are configured and stand in a valid order.
/// Loads the plugins it names, which runs their code. `problems` gets everything that is wrong, in
/// the order of the file, and warnings; with anything but warnings in it there is no specification.
/// Secrets never stand in a problem.
/// Errors: not_found, denied, unavailable (the file cannot be read); invalid_input, whose message
/// counts the problems.
Result<PipelineSpec> load_config(const std::filesystem::path& file, const ConfigSettings& settings,
                                 std::vector<Problem>& problems);

/// One YAML document as a tree of nodes with lines, `${NAME}` not yet filled in. Aliases are copied
/// and merge keys (`<<`) applied. Duplicate keys, tags, several documents, syntax errors and trees
/// that grow beyond reason through aliases are problems.
ConfigNode parse_yaml(std::string_view text, const ProblemSink& sink);

/// The specification in a tree that `parse_yaml` made; plugins and secret files are looked for
/// relative to `folder`.
PipelineSpec read_spec(ConfigNode tree, const std::filesystem::path& folder,
                       const ConfigSettings& settings, const ProblemSink& sink);

}  // namespace reelmill
