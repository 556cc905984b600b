// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "stages/api/findings.h"
#include "stages/api/registry.h"

namespace reelmill {

/// One line a stage, grouped by where it stands in the flow.
std::string stage_list_text(const std::vector<const StageDefinition*>& stages);

/// One stage with all its options, for a person about to write YAML.
std::string stage_text(const StageDefinition& stage);

/// The same for programs: an array of {name, version, kind, summary, needs_findings, options}.
Json stages_json(const std::vector<const StageDefinition*>& stages);

/// `duration, 0s to 1h`: an option's type and range; choices are listed.
std::string option_domain(const OptionSpec& option);

}  // namespace reelmill
