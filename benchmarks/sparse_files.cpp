// SPDX-License-Identifier: Apache-2.0
// One frame every so often: the reading that `decode` chooses against reading everything, file by
// file.
//
//   sparse_files [--every SECONDS] [--rounds N] [--json] FILE|FOLDER...
//
// Both ways open the file, choose their streams and hand out the same frames; what the chosen way
// gives up is read again in full, as a run does. Alternating; each way's least thread time of its
// rounds.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "stages/api/frame_source.h"
#include "stages/api/registry.h"

namespace {

using namespace reelmill;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return double(time.tv_sec) + double(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Counter final : public ScanSink {
 public:
  void on_frame(Frame&, std::int64_t, std::int64_t) override { ++frames; }
  void on_audio(const AudioView&, double) override {}
  std::int64_t frames = 0;
};

struct Read {
  bool is_readable = false;
  std::string why_given_up;
  Reading reading = Reading::in_full;
  std::int64_t frames = 0;
  double cpu_s = 0;
};

Read read_once(const FrameSource& source, const std::filesystem::path& path, Duration every,
               bool in_full) {
  const VideoFile file{path, path.filename().string()};
  DecoderNeeds needs;
  needs.frames = DecoderNeeds::Frames::every_interval;
  needs.interval = every;
  Read read;
  const double before = cpu_seconds();
  for (bool is_repeat = in_full;; is_repeat = true) {
    const auto control = std::make_shared<ReadControl>();
    auto planned = source.plan({file, needs, 0, is_repeat, control});
    if (!planned) break;
    if (is_repeat == in_full) read.reading = planned->plan.reading;
    Counter counter;
    auto outcome = source.scan({planned->plan, planned->plan.segments.front(), counter, control,
                                std::move(planned->opened)});
    if (!outcome) break;
    read.is_readable = true;
    read.frames = counter.frames;
    if (outcome->is_exact || is_repeat) break;
    read.why_given_up = outcome->why_not_exact;
  }
  read.cpu_s = cpu_seconds() - before;
  return read;
}

std::vector<std::filesystem::path> files_in(const std::vector<std::filesystem::path>& inputs) {
  std::vector<std::filesystem::path> files;
  for (const auto& input : inputs) {
    if (!std::filesystem::is_directory(input)) {
      files.push_back(input);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(input))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int count, char** arguments) {
  int rounds = 5;
  double every_s = 10;
  bool as_json = false;
  std::vector<std::filesystem::path> inputs;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--json")
      as_json = true;
    else if (argument == "--rounds" && i + 1 < count)
      rounds = std::max(1, std::atoi(arguments[++i]));
    else if (argument == "--every" && i + 1 < count)
      every_s = std::atof(arguments[++i]);
    else
      inputs.emplace_back(argument);
  }
  ConfigNode no_options;
  no_options.kind = ConfigNode::Kind::map;
  std::vector<Problem> problems;
  const auto decode = stage_registry().find("decode")->configure(no_options, {"decode", ""},
                                                                 ProblemSink("", problems));
  const FrameSource& source = *decode.parts.frame_source;
  const auto every = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(every_s));
  auto rows = nlohmann::ordered_json::array();
  double all_full = 0, all_chosen = 0;
  for (const auto& path : files_in(inputs)) {
    Read full, chosen;
    for (int round = 0; round < rounds; ++round) {
      const auto now_full = read_once(source, path, every, true);
      const auto now_chosen = read_once(source, path, every, false);
      if (round == 0 || now_full.cpu_s < full.cpu_s) full = now_full;
      if (round == 0 || now_chosen.cpu_s < chosen.cpu_s) chosen = now_chosen;
    }
    if (!full.is_readable) continue;
    all_full += full.cpu_s;
    all_chosen += chosen.cpu_s;
    const auto reading =
        std::string(to_string(chosen.reading)) + (chosen.why_given_up.empty() ? "" : ", given up");
    const double ratio = full.cpu_s / chosen.cpu_s;
    if (full.frames != chosen.frames)
      std::fprintf(stderr, "%s: %ld frames in full, %ld otherwise\n", path.c_str(),
                   long(full.frames), long(chosen.frames));
    if (as_json)
      rows.push_back({{"file", path.filename().string()},
                      {"reading", reading},
                      {"why_given_up", chosen.why_given_up},
                      {"frames", chosen.frames},
                      {"full_s", full.cpu_s},
                      {"chosen_s", chosen.cpu_s},
                      {"ratio", ratio}});
    else
      std::printf("%-48s %-20s %5ld frames  full %8.4f s  chosen %8.4f s  %6.2f x\n",
                  path.filename().c_str(), reading.c_str(), long(chosen.frames), full.cpu_s,
                  chosen.cpu_s, ratio);
    std::fflush(stdout);
  }
  if (as_json)
    std::printf("%s\n", rows.dump(1).c_str());
  else
    std::printf("all: full %.2f s, chosen %.2f s, %.2f x\n", all_full, all_chosen,
                all_full / all_chosen);
}
