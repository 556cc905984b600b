// SPDX-License-Identifier: Apache-2.0
#include "cli/input_options.h"

#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/units.h"

namespace reelmill {

void add_input_options(CLI::App& command, InputOptions& options) {
  command.add_option("INPUT", options.inputs,
                     "folders and files; folders are walked, links followed once");
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
    for (auto& path : parse_file_list(text)) source.inputs.push_back(std::move(path));
  }
  if (source.inputs.empty() && options.files_from.empty())
    return fail(ErrorKind::invalid_input,
                "no INPUT given: name a folder or files, or use --files-from");
  return source;
}

Result<Clock::time_point> parse_deadline(const std::string& text, Clock& clock) {
  int hour = 0, minute = 0, used = 0;
  if (std::sscanf(text.c_str(), "%2d:%2d%n", &hour, &minute, &used) == 2 &&
      used == static_cast<int>(text.size()) && hour >= 0 && hour < 24 && minute >= 0 &&
      minute < 60) {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    local.tm_hour = hour;
    local.tm_min = minute;
    local.tm_sec = 0;
    std::time_t then = std::mktime(&local);
    if (then <= now) then += 24 * 3600;
    return clock.now() + std::chrono::seconds(then - now);
  }
  auto duration = parse_duration(text);
  if (!duration)
    return fail(ErrorKind::invalid_input,
                "--deadline {}: write a duration as in 8h, or a time of day as in 07:00", text);
  return saturating_add(clock.now(), *duration);
}

}  // namespace reelmill
