// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stages/api/config_node.h"

namespace reelmill {

/// Where a stage says what is wrong with one of its options: at the option's line, or at that of
/// all options where it is not written. Refers to both for as long as it lives.
struct OptionCheck {
  const ConfigNode& with;  ///< the stage's options
  const ProblemSink& sink;

  void add(std::string_view key, std::string message) const;
  /// Whether the option's value came from the environment or a file: it must not be shown.
  bool is_secret(std::string_view key) const;
};

/// Lines `Name: value` as HTTP headers. What is none is a problem of the option `headers`, told by
/// its number, since values may be secret.
std::vector<std::pair<std::string, std::string>> parse_header_lines(
    const std::vector<std::string>& lines, const OptionCheck& check);

}  // namespace reelmill
