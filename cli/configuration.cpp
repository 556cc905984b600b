// SPDX-License-Identifier: Apache-2.0
#include "cli/configuration.h"

#include <ostream>

namespace reelmill {

std::optional<PipelineSpec> load_or_explain(const std::string& file, const ConfigSettings& settings,
                                            std::ostream& err) {
  std::vector<Problem> problems;
  auto spec = load_config(file, settings, problems);
  for (const auto& problem : problems) err << to_string(problem) << "\n";
  if (!spec) return std::nullopt;
  return std::move(*spec);
}

}  // namespace reelmill
