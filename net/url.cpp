// SPDX-License-Identifier: Apache-2.0
#include "net/url.h"

#include <memory>
#include <optional>

#include <curl/curl.h>

namespace reelmill {
namespace {

struct CloseUrl {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
};
using UrlHandle = std::unique_ptr<CURLU, CloseUrl>;

std::optional<std::string> part(CURLU* handle, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle, which, &text, flags) != CURLUE_OK) return std::nullopt;
  std::string copy = text;
  curl_free(text);
  return copy;
}

}  // namespace

Result<HttpUrl> parse_http_url(const std::string& text) {
  const UrlHandle handle(curl_url());
  if (const auto code = curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), CURLU_PATH_AS_IS);
      code != CURLUE_OK)
    return fail(ErrorKind::invalid_input, "not a web address: {}", curl_url_strerror(code));
  const auto scheme = part(handle.get(), CURLUPART_SCHEME).value_or("");
  if (scheme != "http" && scheme != "https")
    return fail(ErrorKind::invalid_input, "not an http or https address");

  HttpUrl url;
  url.username = part(handle.get(), CURLUPART_USER, CURLU_URLDECODE).value_or("");
  url.password = part(handle.get(), CURLUPART_PASSWORD, CURLU_URLDECODE).value_or("");
  url.has_query = part(handle.get(), CURLUPART_QUERY).has_value();
  url.has_fragment = part(handle.get(), CURLUPART_FRAGMENT).has_value();
  for (const auto secret : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS})
    curl_url_set(handle.get(), secret, nullptr, 0);
  curl_url_set(handle.get(), CURLUPART_FRAGMENT, nullptr, 0);
  url.address = part(handle.get(), CURLUPART_URL).value_or("");
  curl_url_set(handle.get(), CURLUPART_QUERY, nullptr, 0);
  url.shown = part(handle.get(), CURLUPART_URL).value_or("");
  curl_url_set(handle.get(), CURLUPART_PATH, nullptr, 0);
  url.origin = part(handle.get(), CURLUPART_URL).value_or("");
  while (url.origin.ends_with('/')) url.origin.pop_back();
  if (url.address.empty()) return fail(ErrorKind::invalid_input, "not a web address");
  return url;
}

std::string encode_url_path(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_unreserved = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                               (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' ||
                               byte == '_' || byte == '~' || byte == '/';
    if (is_unreserved)
      text += c;
    else
      text += fmt::format("%{:02X}", byte);
  }
  return text;
}

}  // namespace reelmill
