// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace reelmill {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;                                ///< sent when `body_file` is not given
  std::optional<std::filesystem::path> body_file;  ///< streamed from disk
  Clock::time_point deadline = Clock::time_point::max();
  std::stop_token stop;
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< at most 1 MiB of it
  std::uint64_t bytes_sent = 0;
};

/// Speaks HTTP over one kept-alive connection a host. Follows no redirect for methods with a body,
/// verifies certificates, never retries by itself. Used by one thread at a time: one object a lane
/// thread.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// Any status is a response, not an error. Errors: unavailable (refused, reset, DNS; `was_sent`
  /// false when the connection was never made), timeout, cancelled, invalid_input (URL), exhausted
  /// (body file unreadable is not_found).
  Result<HttpResponse> send(const HttpRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The Error that a status stands for, or nothing for 2xx: 401, 403 denied; 404 not_found; 408
/// timeout; 429 throttled; 507 exhausted; 500, 502, 503, 504 unavailable (503 with Retry-After:
/// throttled is not assumed); other 4xx invalid_input; other 5xx unavailable. Retry-After (seconds
/// or HTTP date) fills retry_after. `what` begins the message.
std::optional<Error> error_of_status(const HttpResponse& response, const std::string& what);

/// Percent-encodes every byte outside unreserved characters (RFC 3986) and `/`.
std::string encode_url_path(std::string_view bytes);

}  // namespace reelmill
