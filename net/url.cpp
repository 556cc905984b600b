// SPDX-License-Identifier: Apache-2.0
#include <spdlog/fmt/fmt.h>

#include "net/http_client.h"

namespace reelmill {

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
