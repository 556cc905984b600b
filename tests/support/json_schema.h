// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace reelmill::test {

/// Where `json` departs from `schema`, one line each: empty when it fits. Knows the keywords that
/// our schemas use (type, const, enum, minimum, maximum, pattern, required, properties,
/// additionalProperties, items, $ref within the document) and complains about any other.
std::vector<std::string> schema_violations(const nlohmann::ordered_json& schema,
                                           const nlohmann::ordered_json& json);

}  // namespace reelmill::test
