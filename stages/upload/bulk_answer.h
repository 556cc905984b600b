// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reelmill {

/// What a bulk endpoint answered with status 200, taken apart: one outcome a document, in the order
/// in which they were sent. `service` begins every message, `ids` are the documents' ids.
///
/// Outcomes by the document's status: 2xx arrived; 429, 503 throttled; 401, 403, 404 denied (they
/// speak of the index); 408 timeout; other 5xx unavailable; everything else invalid_input. Errors
/// for the whole answer, each naming the field: unavailable, where it is no JSON, holds an error
/// instead of items, has another number of items than were sent, or an item of another id or shape.
Result<std::vector<Status>> parse_bulk_answer(const std::string& service, std::string_view answer,
                                              const std::vector<std::string>& ids);

}  // namespace reelmill
