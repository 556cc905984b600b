// SPDX-License-Identifier: Apache-2.0
#include "net/curl_error.h"

#include <cerrno>
#include <cstring>

#include <spdlog/fmt/fmt.h>

namespace reelmill {
namespace {

ErrorKind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return ErrorKind::invalid_input;
    case CURLE_OPERATION_TIMEDOUT:
      return ErrorKind::timeout;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CERTPROBLEM:
      return ErrorKind::denied;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
      return ErrorKind::internal;
    default:
      return ErrorKind::unavailable;
  }
}

long os_error(CURL* handle) {
  long number = 0;
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &number);
  return number;
}

std::string reason(CURL* handle, CURLcode code, const std::string& detail) {
  const auto text = detail.empty() ? std::string(curl_easy_strerror(code)) : detail;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "the host name does not resolve: is it spelled right, and is the network up?";
    case CURLE_COULDNT_CONNECT:
      if (os_error(handle) == ECONNREFUSED) return "connection refused: is the service running?";
      if (os_error(handle) != 0)
        return "no connection: " + std::string(std::strerror(static_cast<int>(os_error(handle))));
      return "no connection: " + text;
    case CURLE_OPERATION_TIMEDOUT:
      return may_have_been_sent(handle) ? "no answer for too long" : "no connection in time";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return "the server's certificate is not trusted: " + text;
    case CURLE_SSL_CACERT_BADFILE:
      return "the file of certificate authorities cannot be used: " + text;
    case CURLE_UNSUPPORTED_PROTOCOL:  // the address was checked before, so this is HTTP/0.9
    case CURLE_WEIRD_SERVER_REPLY:
      return "the answer is not HTTP: " + text;
    case CURLE_GOT_NOTHING:
      return "the server closed the connection without an answer";
    case CURLE_PARTIAL_FILE:
      return "the server closed the connection in the middle of its answer";
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_RECV_ERROR:
      return "the connection broke: " + text;
    default:
      return text;
  }
}

}  // namespace

bool may_have_been_sent(CURL* handle) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &microseconds);
  return microseconds > 0;
}

Error error_of_transfer(CURL* handle, CURLcode code, const std::string& what,
                        const std::string& detail) {
  return Error{.kind = kind_of(code),
               .message = fmt::format("{}: {}", what, reason(handle, code, detail)),
               .was_sent = may_have_been_sent(handle)};
}

}  // namespace reelmill
