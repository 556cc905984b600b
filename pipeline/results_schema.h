// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

namespace reelmill {

/// The JSON Schema (draft 2020-12) of `results/*.json`, as results_json.h writes it. Findings that
/// a stage adds under a name of its own are allowed and not described.
nlohmann::ordered_json results_schema();

}  // namespace reelmill
