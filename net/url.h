// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reelmill {

/// An http or https address taken apart: what may be shown, and the credentials that may not.
struct HttpUrl {
  std::string address;  ///< `https://host:8443/path?query`, without credentials and fragment
  std::string origin;   ///< `https://host:8443`
  std::string shown;    ///< the same without the query, for messages and reports
  std::string username, password;  ///< percent-decoded; empty when the address has none
  bool has_query = false;
  bool has_fragment = false;
};

/// Errors: invalid_input, with a text that does not repeat the address: it may hold a password.
Result<HttpUrl> parse_http_url(const std::string& text);

/// Percent-encodes every byte outside unreserved characters (RFC 3986) and `/`.
std::string encode_url_path(std::string_view bytes);

}  // namespace reelmill
