// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sanitizer.h"

#include <cstdlib>

namespace reelmill::test {

std::pair<std::string, std::string> address_sanitizer_with(std::string_view option) {
  constexpr const char* kName = "ASAN_OPTIONS";
  const char* ours = std::getenv(kName);
  // Of two values of an option the last one counts.
  return {kName, (ours == nullptr ? "" : std::string(ours) + ":") + std::string(option)};
}

bool has_sanitizer_report(std::string_view printed) {
  return printed.find("Sanitizer: ") != std::string_view::npos ||
         printed.find("runtime error: ") != std::string_view::npos;
}

}  // namespace reelmill::test
