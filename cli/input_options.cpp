// SPDX-License-Identifier: Apache-2.0
#include "cli/input_options.h"

#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "base/units.h"

namespace reelmill {

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
    std::ifstream file;
    if (options.files_from != "-") file.open(options.files_from, std::ios::binary);
    if (options.files_from != "-" && !file)
      return fail(ErrorKind::not_found, "--files-from {}: cannot be read", options.files_from);
    std::istream& list = options.files_from == "-" ? std::cin : file;
    const std::string text{std::istreambuf_iterator<char>(list), std::istreambuf_iterator<char>()};
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
                "--deadline {}: write a duration as in 8h, or a time of day as in 07:00", text);
  return saturating_add(clock.now(), *duration);
}

}  // namespace reelmill
