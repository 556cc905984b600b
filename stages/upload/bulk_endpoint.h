// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "stages/upload/http_clients.h"
#include "stages/upload/http_target.h"

namespace reelmill {

/// Publishes JSON files as documents by one POST of NDJSON a batch, as the `_bulk` endpoints of
/// Elasticsearch and OpenSearch take it: an action line and a document each, answered one by one.
/// Sending a document again replaces it. Thread-safe.
class BulkEndpoint {
 public:
  /// `options.prefix` is the endpoint itself.
  BulkEndpoint(HttpTargetOptions options, std::string index);

  /// One outcome an item; see parse_bulk_answer(). A file that is no document fails alone and is
  /// not sent. Errors of the request are those of HttpClient::send() and error_of_status(), the
  /// same for every item that was sent; a status that speaks of the endpoint is denied.
  std::vector<Result<CallOutcome>> index(std::span<const CallItem> items,
                                         const CallContext& context);
  const std::string& name() const { return options_.prefix.shown; }

 private:
  Result<std::vector<Status>> post(std::string body, const std::vector<std::string>& ids,
                                   const CallContext& context);

  const HttpTargetOptions options_;
  const std::string index_;
  HttpClients clients_;
};

}  // namespace reelmill
