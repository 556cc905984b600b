// SPDX-License-Identifier: Apache-2.0
#include "resilience/option_problems.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "base/units.h"

namespace reelmill {

// Comparisons are written so that NaN lies outside every range.

void OptionProblems::check_range(std::string_view option, double value, double low, double high) {
  if (value >= low && value <= high) return;
  problems_.push_back(fmt::format("{}: {} is outside {} to {}", option, value, low, high));
}

void OptionProblems::check_range(std::string_view option, Duration value, Duration low,
                                 Duration high) {
  if (value >= low && value <= high) return;
  problems_.push_back(fmt::format("{}: {} is outside {} to {}", option,
                                  format_duration(std::max(value, -longest_duration)),
                                  format_duration(low), format_duration(high)));
}

void OptionProblems::check_half_open(std::string_view option, double value, double low,
                                     double below) {
  if (value >= low && value < below) return;
  problems_.push_back(fmt::format("{}: {} is outside [{}, {})", option, value, low, below));
}

void OptionProblems::add(std::string_view option, std::string_view text) {
  problems_.push_back(fmt::format("{}: {}", option, text));
}

void OptionProblems::add_all(std::string_view prefix, const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) {
    problems_.push_back(fmt::format("{}.{}", prefix, problem));
  }
}

std::string joined(const std::vector<std::string>& problems) {
  return fmt::format("{}", fmt::join(problems, "; "));
}

}  // namespace reelmill
