// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "stages/api/call_stage.h"

namespace reelmill {

/// The id of an item's document: the video's name as text, or its SHA-256 where that is longer than
/// the 512 bytes that Elasticsearch and OpenSearch take. The same at every attempt, so that sending
/// again replaces.
std::string document_id(const CallItem& item);

/// The item's file as one line of JSON. Errors: not_found, unavailable, invalid_input (not JSON;
/// changed since it was recorded).
Result<std::string> document_line(const CallItem& item);

/// `{"index":{"_index":...,"_id":...}}`; without an index the endpoint's.
std::string action_line(const std::string& index, const std::string& id);

}  // namespace reelmill
