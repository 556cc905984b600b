// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <ctime>

#include <curl/curl.h>

#include "net/http_client.h"

namespace reelmill {
namespace {

using std::chrono::seconds;

constexpr seconds kLongestRetryAfter = std::chrono::hours(24);
constexpr std::size_t kLongestQuote = 200;

ErrorKind kind_of_status(int status) {
  switch (status) {
    case 401:
    case 403:
      return ErrorKind::denied;
    case 404:
      return ErrorKind::not_found;
    case 408:
      return ErrorKind::timeout;
    case 423:  // locked
    case 425:  // too early
      return ErrorKind::unavailable;
    case 429:
      return ErrorKind::throttled;
    case 507:
      return ErrorKind::exhausted;
    default:
      return status >= 500 ? ErrorKind::unavailable : ErrorKind::invalid_input;
  }
}

/// RFC 9110, section 15, and RFC 4918.
std::string_view name_of_status(int status) {
  static const std::map<int, std::string_view> names{{301, "Moved Permanently"},
                                                     {302, "Found"},
                                                     {303, "See Other"},
                                                     {307, "Temporary Redirect"},
                                                     {308, "Permanent Redirect"},
                                                     {400, "Bad Request"},
                                                     {401, "Unauthorized"},
                                                     {403, "Forbidden"},
                                                     {404, "Not Found"},
                                                     {405, "Method Not Allowed"},
                                                     {408, "Request Timeout"},
                                                     {409, "Conflict"},
                                                     {411, "Length Required"},
                                                     {412, "Precondition Failed"},
                                                     {413, "Content Too Large"},
                                                     {414, "URI Too Long"},
                                                     {415, "Unsupported Media Type"},
                                                     {422, "Unprocessable Content"},
                                                     {423, "Locked"},
                                                     {425, "Too Early"},
                                                     {429, "Too Many Requests"},
                                                     {431, "Request Header Fields Too Large"},
                                                     {500, "Internal Server Error"},
                                                     {501, "Not Implemented"},
                                                     {502, "Bad Gateway"},
                                                     {503, "Service Unavailable"},
                                                     {504, "Gateway Timeout"},
                                                     {507, "Insufficient Storage"}};
  const auto found = names.find(status);
  return found == names.end() ? "" : found->second;
}

std::string header(const HttpResponse& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

/// RFC 9110, 10.2.3. A date is taken against the server's own Date, so that a wrong clock here or
/// there does not matter.
Duration retry_after(const HttpResponse& response) {
  const auto text = header(response, "retry-after");
  if (text.empty()) return Duration{0};
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return kLongestRetryAfter;
  if (error != std::errc() || end != text.data() + text.size()) {
    const auto until = curl_getdate(text.c_str(), nullptr);
    if (until < 0) return Duration{0};
    const auto server_now = curl_getdate(header(response, "date").c_str(), nullptr);
    number = until - (server_now >= 0 ? server_now : std::time(nullptr));
  }
  return seconds(std::clamp<long long>(number, 0, kLongestRetryAfter.count()));
}

/// The first line of an answer that was written for people; a web page is not quoted.
std::string quote(const HttpResponse& response) {
  const auto type = header(response, "content-type");
  if (type.find("html") != type.npos) return "";
  auto line = response.body.substr(0, response.body.find_first_of("\r\n"));
  const bool is_text =
      std::all_of(line.begin(), line.end(), [](unsigned char c) { return c >= 0x20 && c < 0x7F; });
  if (!is_text || line.empty()) return "";
  if (line.size() > kLongestQuote) line = line.substr(0, kLongestQuote) + "...";
  return ": " + line;
}

}  // namespace

std::optional<Error> error_of_status(const HttpResponse& response, const std::string& what) {
  if (response.status >= 200 && response.status < 300) return std::nullopt;
  const auto name = name_of_status(response.status);
  return Error{.kind = kind_of_status(response.status),
               .message = fmt::format("{}: {}{}{}{}", what, response.status,
                                      name.empty() ? "" : " ", name, quote(response)),
               .retry_after = retry_after(response)};
}

}  // namespace reelmill
