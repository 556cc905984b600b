// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/api/call_stage.h"

namespace reelmill {

/// Whether the item's file is still there with the size that was recorded. Errors: not_found,
/// invalid_input, unavailable.
Status check_item_file(const CallItem& item);

/// Relative, and without empty, `.` and `..` parts.
bool is_safe_name(std::string_view name);

}  // namespace reelmill
