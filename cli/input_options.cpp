// SPDX-License-Identifier: Apache-2.0
#include "cli/input_options.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <optional>

#include "base/path_text.h"
#include "base/units.h"

namespace reelmill {

namespace {

/// From a file, a pipe or, for -, standard input.
Result<std::string> read_list(const std::string& name) {
  std::ifstream file;
  if (name != "-") file.open(name, std::ios::binary);
  std::istream& list = name == "-" ? std::cin : file;
  std::string text;
  std::array<char, 65536> block;
  while (list.read(block.data(), block.size()) || list.gcount() > 0)
    text.append(block.data(), static_cast<std::size_t>(list.gcount()));
  if (list.bad() || (name != "-" && !file.is_open()))
    return fail(ErrorKind::not_found, "--files-from {}: cannot be read", path_to_line(name));
  return text;
}

}  // namespace

void add_input_options(CLI::App& command, InputOptions& options) {
  command.add_option("INPUT", options.inputs,
                     "folders and files; folders are walked for names of media files, links "
                     "followed once");
  command
      .add_option("--include", options.include,
                  "take only files that match this glob, as in '**/*.mp4'; may be repeated")
      ->allow_extra_args(false);
  command
      .add_option("--exclude", options.exclude, "leave out what matches this glob; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--files-from", options.files_from,
                     "also take the files named in this file, one a line or NUL-separated; - reads "
                     "standard input");
  command.add_option("--order", options.order, "what comes first: size (largest), name or newest")
      ->check(CLI::IsMember({"size", "name", "newest"}).description(""))
      ->type_name("ORDER");
}

Result<SourceOptions> source_options(const InputOptions& options) {
  SourceOptions source;
  for (const auto& input : options.inputs) source.inputs.emplace_back(input);
  source.include = options.include;
  source.exclude = options.exclude;
  source.order = options.order == "name"     ? SourceOrder::name
                 : options.order == "newest" ? SourceOrder::newest
                                             : SourceOrder::size;
  if (!options.files_from.empty()) {
    REELMILL_ASSIGN(const auto text, read_list(options.files_from));
    for (auto& path : parse_file_list(text)) source.listed.push_back(std::move(path));
  }
  if (source.inputs.empty() && options.files_from.empty())
    return fail(ErrorKind::invalid_input,
                "no INPUT given: name a folder or files, or use --files-from");
  return source;
}

std::time_t next_time_of_day(int hour, int minute, std::time_t now) {
  for (int day = 0;; ++day) {
    // Where clocks are put back a time comes twice: with and without daylight saving time.
    std::optional<std::time_t> next, guessed;
    for (const int is_dst : {-1, 1, 0}) {
      std::tm wanted{}, shown{};
      ::localtime_r(&now, &wanted);
      wanted.tm_mday += day;
      wanted.tm_hour = hour;
      wanted.tm_min = minute;
      wanted.tm_sec = 0;
      wanted.tm_isdst = is_dst;
      const std::time_t then = std::mktime(&wanted);
      if (then <= now) continue;
      ::localtime_r(&then, &shown);
      if (shown.tm_hour == hour && shown.tm_min == minute)
        next = std::min(then, next.value_or(then));
      else if (is_dst < 0)
        guessed = then;
    }
    if (next || guessed) return next ? *next : *guessed;
  }
}

Result<Clock::time_point> parse_deadline(const std::string& text, Clock& clock) {
  int hour = 0, minute = 0, used = 0;
  if (std::sscanf(text.c_str(), "%2d:%2d%n", &hour, &minute, &used) == 2 &&
      used == static_cast<int>(text.size()) && hour >= 0 && hour < 24 && minute >= 0 &&
      minute < 60) {
    const std::time_t now = std::time(nullptr);
    return clock.now() + std::chrono::seconds(next_time_of_day(hour, minute, now) - now);
  }
  auto duration = parse_duration(text);
  if (!duration)
    return fail(ErrorKind::invalid_input,
                "--deadline {}: write a duration as in 8h, or a time of day as in 07:00",
                path_to_line(text));
  return saturating_add(clock.now(), *duration);
}

}  // namespace reelmill
