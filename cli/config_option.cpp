// SPDX-License-Identifier: Apache-2.0
#include "cli/config_option.h"

#include <ostream>

#include "pipeline/config.h"

namespace reelmill {

std::optional<PipelineSpec> load_or_complain(const std::string& config,
                                             const std::filesystem::path& output,
                                             std::ostream& err) {
  ConfigSettings settings;
  settings.output_folder = output.native();
  std::vector<Problem> problems;
  auto spec = load_config(config, settings, problems);
  for (const auto& problem : problems) err << to_string(problem) << "\n";
  if (spec) return std::move(*spec);
  err << "reelmill: " << spec.error().message << "\n";
  return {};
}

}  // namespace reelmill
