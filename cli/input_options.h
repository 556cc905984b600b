// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "pipeline/run_options.h"

namespace reelmill {

/// What the commands that take videos have in common on the command line.
struct InputOptions {
  std::vector<std::string> inputs, include, exclude;
  std::string files_from, order = "size";
};

void add_input_options(CLI::App& command, InputOptions& options);

/// Reads --files-from too (`-` is standard input).
Result<SourceOptions> source_options(const InputOptions& options);

/// The next moment after `now` at which local clocks show this time of day. Where clocks are put
/// forward past it, the moment that the C library takes for it.
std::time_t next_time_of_day(int hour, int minute, std::time_t now);

/// `8h`, or a time of day `07:00`: the next time that it comes.
Result<Clock::time_point> parse_deadline(const std::string& text, Clock& clock);

}  // namespace reelmill
