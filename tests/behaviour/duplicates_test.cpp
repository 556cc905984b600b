// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include <gmock/gmock.h>
#include <spdlog/fmt/fmt.h>

#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;

constexpr const char* kConfig =
    "version: 1\nname: prints\nstages:\n  - { id: frames, use: decode }\n"
    "  - { id: print, use: fingerprint, from: frames }\n";

void make(const std::filesystem::path& file, std::vector<std::string> arguments) {
  Command command;
  command.arguments = {"ffmpeg", "-nostdin", "-v", "error", "-y"};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.arguments.insert(command.arguments.end(), {"-threads", "1", file.native()});
  const auto made = run(command);
  ASSERT_EQ(made.exit_code, 0) << made.err;
}

/// A film of eight pictures, copies of it, and what only looks like one.
struct Films {
  TempFolder folder;
  std::filesystem::path in = folder / "in", out = folder / "out";
  ProcessResult result;
  Films() {
    std::filesystem::create_directories(in);
    const auto film = [&](const std::string& name, int seed) {
      std::string graph, parts;
      for (int i = 0; i < 8; ++i) {
        graph += fmt::format(
            "color=gray:size=16x9:rate=25:duration=2,noise=alls=100:all_seed={},"
            "scale=320:180:flags=bicubic[v{}];",
            seed + i, i);
        parts += fmt::format("[v{}]", i);
      }
      make(in / name, {"-filter_complex", graph + parts + "concat=n=8[v]", "-map", "[v]", "-c:v",
                       "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"});
    };
    film("film.mp4", 100);
    film("other.mp4", 200);
    const auto original = (in / "film.mp4").native();
    make(in / "small.mkv", {"-i", original, "-vf", "scale=160:90", "-c:v", "mpeg4", "-q:v", "9"});
    make(in / "part.mp4", {"-ss", "4.3", "-t", "8", "-i", original, "-c:v", "libx264", "-preset",
                           "ultrafast", "-crf", "30"});
    make(in / "barred.mp4",
         {"-i", original, "-vf", "pad=320:240:0:30", "-c:v", "libx264", "-preset", "ultrafast"});
    for (const std::string name : {"black1.mp4", "black2.mp4"})
      make(in / name, {"-f", "lavfi", "-i", "color=black:size=320x180:duration=6", "-f", "lavfi",
                       "-i", "anullsrc", "-shortest", "-c:v", "libx264", "-preset", "ultrafast",
                       "-metadata", "title=" + name});
    std::filesystem::copy_file(in / "black1.mp4", in / "black1-again.mp4");
    const auto config = folder.write("prints.yaml", kConfig);
    result = run(tool_run({in.native()}, config, out));
  }
  ProcessResult duplicates(const std::vector<std::string>& more = {}) const {
    Command command{.arguments = {reelmill_program().native(), "duplicates", out.native()}};
    command.arguments.insert(command.arguments.end(), more.begin(), more.end());
    return run(command);
  }
};

const Films& films() {
  static const Films made;
  return made;
}

TEST(Duplicates, CopiesFormOneGroupAndTheSameFileAnother) {
  ASSERT_EQ(films().result.exit_code, 0) << films().result.err;
  const auto listed = films().duplicates({"--format", "json"});
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  const auto report = nlohmann::json::parse(listed.out);
  EXPECT_EQ(report["videos"], 8);
  EXPECT_EQ(report["groups"],
            nlohmann::json::parse(R"([["barred.mp4", "film.mp4", "part.mp4", "small.mkv"],
                                      ["black1-again.mp4", "black1.mp4"]])"))
      << listed.out;
}

TEST(Duplicates, APartIsListedWithItsPlaceInBoth) {
  const auto listed = films().duplicates({"--format", "json"});
  bool is_listed = false;
  const auto report = nlohmann::json::parse(listed.out);
  for (const auto& overlap : report["overlaps"]) {
    if (overlap["a"]["path"] != "film.mp4" || overlap["b"]["path"] != "part.mp4") continue;
    is_listed = true;
    EXPECT_EQ(overlap["basis"], "picture");
    EXPECT_NEAR(overlap["offset_s"].get<double>(), -4.3, 0.4);
    EXPECT_NEAR(overlap["a"]["start_s"].get<double>(), 4.3, 0.8);
    EXPECT_NEAR(overlap["a"]["end_s"].get<double>(), 12.3, 0.8);
  }
  EXPECT_TRUE(is_listed) << listed.out;
}

TEST(Duplicates, TheTextNamesGroupsAndOverlaps) {
  const auto listed = films().duplicates();
  EXPECT_THAT(listed.out, ::testing::HasSubstr("group 1\n  0:16.0  barred.mp4\n"));
  EXPECT_THAT(listed.out, ::testing::HasSubstr("the same file"));
  EXPECT_THAT(listed.out, ::testing::HasSubstr("8 videos compared: 2 groups of near-duplicates"));
}

TEST(Duplicates, AFolderWithoutFingerprintsSaysSo) {
  const TempFolder folder;
  const auto config = folder.write("bare.yaml",
                                   "version: 1\nname: bare\nstages:\n  - { id: frames, use: "
                                   "decode }\n  - { id: facts, use: probe, from: frames }\n");
  run(tool_run({(sample_clips() / "a.mp4").native()}, config, folder / "out"));
  const auto listed =
      run({.arguments = {reelmill_program().native(), "duplicates", (folder / "out").native()}});
  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_THAT(listed.out, ::testing::HasSubstr("note: 1 video has no fingerprint"));
}

TEST(Duplicates, ADamagedFingerprintIsNamedAndTheRestCompared) {
  const TempFolder folder;
  std::filesystem::copy(films().out, folder / "out", std::filesystem::copy_options::recursive);
  const auto damaged = folder.path() / "out/artifacts/small.mkv/fingerprint.bin";
  std::filesystem::resize_file(damaged, 50);
  const auto listed =
      run({.arguments = {reelmill_program().native(), "duplicates", (folder / "out").native()}});
  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_THAT(listed.out, ::testing::HasSubstr("small.mkv/fingerprint.bin: a damaged"));
  EXPECT_THAT(listed.out, ::testing::HasSubstr("7 videos compared"));
}

}  // namespace
}  // namespace reelmill
