// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "stages/api/registry.h"

namespace reelmill {

/// The JSON Schema (draft 2020-12) of a configuration file, generated from the option tables of the
/// sections and of every stage in `registry`. Editors complete and check with it. It sees the shape
/// of each part; what holds parts together (references, cycles, which guard exists) only
/// load_config() sees. Any stage is allowed in a file that names plugins.
nlohmann::ordered_json config_schema(const Registry& registry);

}  // namespace reelmill
