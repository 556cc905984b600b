// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <curl/curl.h>

#include "base/error.h"

namespace reelmill {

/// What a failed transfer on `handle` means. `what` begins the message (`PUT http://host/name`),
/// `detail` is libcurl's own text. `was_sent` is told from how far the transfer came.
Error error_of_transfer(CURL* handle, CURLcode code, const std::string& what,
                        const std::string& detail);

/// Whether a connection (with TLS: and its handshake) stood before the transfer ended, so that some
/// of the request may have arrived.
bool may_have_been_sent(CURL* handle);

}  // namespace reelmill
