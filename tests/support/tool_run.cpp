// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tool_run.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace reelmill::test {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void make_clip(const fs::path& file, const std::string& codec, int seed) {
  // Two pictures, one after the other: a cut in the middle; a tone that stops for the last second.
  const auto picture =
      "testsrc2=size=160x120:rate=25:duration=2[a];mandelbrot=size=160x120:rate=25:start_scale=" +
      std::to_string(1 + seed) + ",trim=duration=2[b];[a][b]concat=n=2:v=1[v]";
  Command make;
  make.arguments = {
      "ffmpeg",
      "-v",
      "error",
      "-nostdin",
      "-f",
      "lavfi",
      "-i",
      "sine=frequency=" + std::to_string(300 + 100 * seed) + ":duration=3,apad=pad_dur=1",
      "-filter_complex",
      picture,
      "-map",
      "[v]",
      "-map",
      "0:a",
      "-c:v",
      codec,
      "-g",
      "25",
      "-c:a",
      "mp2",
      "-threads",
      "1",
      "-bitexact",
      "-shortest",
      file.native()};
  const auto made = run(make);
  if (made.exit_code != 0) throw std::runtime_error("ffmpeg: " + made.err);
}

}  // namespace

fs::path corpus() {
  const char* folder = std::getenv("REELMILL_CORPUS");
  return folder == nullptr ? "" : folder;
}

std::string analysis_yaml() {
  return "version: 1\n"
         "name: everything\n"
         "stages:\n"
         "  - { id: frames, use: decode }\n"
         "  - { id: shots, use: shots, from: frames }\n"
         "  - { id: black, use: black, from: frames }\n"
         "  - { id: freeze, use: freeze, from: frames }\n"
         "  - { id: quality, use: quality, from: frames }\n"
         "  - { id: loudness, use: loudness, from: frames }\n"
         "  - { id: silence, use: silence, from: frames }\n"
         "  - { id: facts, use: probe, from: frames }\n"
         "  - { id: thumbs, use: thumbnails, from: [frames, shots] }\n"
         "  - { id: sheet, use: sprite, from: frames, with: { every: 1s } }\n"
         "  - { id: motion, use: motion, from: frames }\n"
         "  - { id: bars, use: color_bars, from: frames }\n"
         "  - { id: fields, use: interlacing, from: frames }\n"
         "  - { id: crop, use: crop, from: frames }\n"
         "  - { id: channels, use: channels, from: frames }\n"
         "  - { id: clipping, use: clipping, from: frames }\n"
         "  - { id: timing, use: timing, from: frames }\n"
         "  - { id: csv, use: shots_csv, from: [frames, shots] }\n"
         "  - { id: edl, use: edl, from: [frames, shots] }\n"
         "  - { id: chapters, use: chapters, from: [frames, shots] }\n"
         "  - { id: print, use: fingerprint, from: frames }\n"
         "  - { id: publish, use: upload, with: { to: \"file:published\" },\n"
         "      from: [shots, black, freeze, quality, loudness, silence, facts, thumbs, sheet, "
         "csv, edl, chapters, print],\n"
         "      batch: { strategy: fixed, initial_batch_size: 4 } }\n";
}

Command tool_run(const std::vector<std::string>& inputs, const fs::path& config,
                 const fs::path& out, const std::vector<std::string>& more) {
  Command command;
  command.arguments = {reelmill_program().native(),
                       "run",
                       "-c",
                       config.native(),
                       "-o",
                       out.native(),
                       "--progress",
                       "none",
                       "--log-level",
                       "warning"};
  command.arguments.insert(command.arguments.end(), more.begin(), more.end());
  command.arguments.push_back("--");
  command.arguments.insert(command.arguments.end(), inputs.begin(), inputs.end());
  command.timeout = std::chrono::minutes(10);
  return command;
}

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[fs::relative(entry.path(), folder).native()] = slurp(entry.path());
  return files;
}

std::map<std::string, std::string> outcome(const fs::path& out) {
  auto files = contents(out / "results");
  for (auto& [name, content] : contents(out / "artifacts"))
    files["artifacts/" + name] = std::move(content);
  return files;
}

std::map<std::string, std::string> quarantined(const fs::path& out) {
  std::map<std::string, std::string> classes;
  std::ifstream lines(out / "quarantine.jsonl");
  for (std::string line; std::getline(lines, line);) {
    const auto entry = nlohmann::json::parse(line);
    classes[entry.at("video")] = entry.at("class");
  }
  return classes;
}

nlohmann::json report_of(const fs::path& out) {
  return nlohmann::json::parse(slurp(out / "report.json"), nullptr, false);
}

const fs::path& sample_clips() {
  static const TempFolder folder;
  static const bool is_made = [] {
    make_clip(folder / "a.mp4", "libx264", 0);
    make_clip(folder / "b.mkv", "mpeg4", 1);
    make_clip(folder / "c.ts", "mpeg2video", 2);
    make_clip(folder / "d.mp4", "libx264", 3);
    make_clip(folder / "e.ts", "libx264", 4);
    return true;
  }();
  (void)is_made;
  return folder.path();
}

}  // namespace reelmill::test
