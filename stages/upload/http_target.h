// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "stages/upload/http_clients.h"
#include "stages/upload/upload_target.h"

namespace reelmill {

struct HttpTargetOptions {
  HttpUrl prefix;  ///< names go below it
  std::string username, password;
  std::vector<std::pair<std::string, std::string>> headers;
  std::filesystem::path ca_file;
};

/// A server's words without the path of a prefix whose path is hidden: they may repeat it.
std::string without_hidden_path(std::string words, const HttpUrl& prefix);

/// Publishes by PUT to `prefix/name`, names percent-encoded byte by byte. Keeps as many connections
/// as calls were ever under way at once. Thread-safe.
class HttpTarget final : public UploadTarget {
 public:
  explicit HttpTarget(HttpTargetOptions options);

  /// Errors: as HttpClient::send() and error_of_status(), but a status that speaks about the target
  /// rather than the item (404, 405, 409, 410, 501, a redirect) is denied: it needs an operator,
  /// and the item may still arrive. invalid_input: the item's file changed since it was recorded.
  Result<CallOutcome> put(const CallItem& item, const CallContext& context) override;
  Result<CallOutcome> put_object(const UploadObject& object, const CallContext& context) override;
  bool may_overlap() const override { return true; }  // both put the same
  Status prepare() override { return {}; }
  std::string name() const override { return options_.prefix.shown; }

 private:
  Result<CallOutcome> send(HttpRequest request, const std::string& name,
                           const std::string& content_type, const CallContext& context);
  const HttpTargetOptions options_;
  HttpClients clients_;
};

}  // namespace reelmill
