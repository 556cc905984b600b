// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "stages/api/findings.h"

namespace reelmill {

/// Parses what a service answered. Whoever walks, prints or copies the value recurses once a level,
/// and looks members up one by one; so no service can have this program run out of stack or of
/// time. Errors, internal: no JSON; nested deeper than 64; more than 1000 members in one object.
Result<Json> parse_service_json(std::string_view text);

/// At most `most` bytes of UTF-8 text for a message, cut between characters; `...` where something
/// was cut off.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace reelmill
