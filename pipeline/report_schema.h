// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

namespace reelmill {

/// The JSON Schema (draft 2020-12) of `report.json`, as report.h writes it.
nlohmann::ordered_json report_schema();

}  // namespace reelmill
