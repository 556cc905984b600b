// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace reelmill::test {

/// For the environment of a child: all that our AddressSanitizer was told, and `option`.
std::pair<std::string, std::string> address_sanitizer_with(std::string_view option);

/// Whether a sanitizer's report stands in what a program printed.
bool has_sanitizer_report(std::string_view printed);

}  // namespace reelmill::test
