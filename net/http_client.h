// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/body_part.h"
#include "net/url.h"

namespace reelmill {

struct HttpRequest {
  std::string method = "GET";
  std::string url;  ///< credentials in it are sent as Basic authentication and shown nowhere
  std::string
      shown_url;  ///< what errors call the address; empty: the URL without credentials and query
  std::string username, password;  ///< instead of those in the URL
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;                                       ///< sent when nothing else is given
  std::optional<std::filesystem::path> body_file;         ///< streamed from disk
  std::vector<BodyPart> body_parts;                       ///< streamed one after another
  Clock::time_point deadline = Clock::time_point::max();  ///< by the system_clock() of this process
  std::stop_token stop;
  std::size_t max_response_bytes = std::size_t{1} << 20;  ///< of the body; what is more is cut off
  /// A body larger than this asks first whether the server wants it (Expect: 100-continue), which
  /// costs a round trip and, with servers that do not know it, half a second.
  std::uint64_t ask_before_sending = std::uint64_t{1} << 20;
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< as much of it as was asked for
  bool is_cut = false;                         ///< there was more of it
  std::uint64_t bytes_sent = 0;                ///< of the request's body
};

struct HttpClientOptions {
  /// PEM file of certificate authorities to trust instead of the system's; empty: the system's.
  std::filesystem::path ca_file;
};

/// Speaks HTTP over one kept-alive connection a host: HTTP/1.1 in clear text, HTTP/2 where TLS
/// negotiates it. Follows no redirect for methods with a body, verifies certificates, never retries
/// by itself (but replaces a kept connection that the server has closed meanwhile). Used by one
/// thread at a time: one object a lane thread.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// Blocks until the answer is there, the deadline passes or stop is requested; notices the latter
  /// two at once. A server that is silent for five minutes counts as timed out also without a
  /// deadline. Any status is a response, not an error. Errors: unavailable (refused, reset, DNS),
  /// timeout, cancelled, denied (certificate not trusted; a body file we may not read),
  /// invalid_input (URL, header, a body file that changes while it is sent), not_found (no such
  /// body file). `was_sent` is false when no connection was ready to take the request, so that
  /// nothing of it can have arrived.
  Result<HttpResponse> send(const HttpRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The Error that a status stands for, or nothing for 2xx: 401, 403 denied; 404 not_found; 408
/// timeout; 429 throttled; 423, 425 unavailable; 507 exhausted; other 5xx unavailable (503 with
/// Retry-After: throttled is not assumed); everything else invalid_input. Retry-After (seconds or
/// HTTP date, at most a day) fills retry_after. `what` begins the message.
std::optional<Error> error_of_status(const HttpResponse& response, const std::string& what);

}  // namespace reelmill
