// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace reelmill {

/// Collects what is wrong with a set of options, all at once: each problem names the option, its
/// value and the range allowed. Not thread-safe.
class OptionProblems {
 public:
  /// `max_attempts: 0 is outside 1 to 1000000`
  void check_range(std::string_view option, double value, double low, double high);
  /// `timeout: -5s is outside 0 to 1d`
  void check_range(std::string_view option, Duration value, Duration low, Duration high);
  /// `jitter: 1 is outside [0, 1)`
  void check_half_open(std::string_view option, double value, double low, double below);
  /// `OPTION: TEXT`, for rules between several options.
  void add(std::string_view option, std::string_view text);
  /// Takes over the problems of a part, named `PREFIX.option`.
  void add_all(std::string_view prefix, const std::vector<std::string>& problems);

  std::vector<std::string> take() { return std::move(problems_); }

 private:
  std::vector<std::string> problems_;
};

/// The longest duration an option may have, so that sums with a time point never overflow.
inline constexpr Duration longest_duration = std::chrono::hours(24 * 365);

/// All problems in one line, separated by `; `.
std::string joined(const std::vector<std::string>& problems);

}  // namespace reelmill
