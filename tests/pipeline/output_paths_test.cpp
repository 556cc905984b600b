// SPDX-License-Identifier: Apache-2.0
#include "pipeline/output_paths.h"

#include <climits>
#include <filesystem>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"

namespace reelmill {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(OutputPaths, AnOrdinaryKeyStaysAsItIs) {
  EXPECT_EQ(results_file("day one/clip.mp4"), "results/day one/clip.mp4.json");
  EXPECT_EQ(artifacts_folder("day one/clip.mp4"), "artifacts/day one/clip.mp4");
  EXPECT_EQ(results_file("-a\n\xff/\xf0\x9f\x8e\xac.mkv"),
            "results/-a\n\xff/\xf0\x9f\x8e\xac.mkv.json");
}

TEST(OutputPaths, AKeyCannotLeaveItsFolder) {
  for (const char* key :
       {"..", "../x", "a/../../x", "/etc/passwd", ".", "a/./b", "", "a//b", "a/"}) {
    for (const std::filesystem::path path : {results_file(key), artifacts_folder(key)}) {
      EXPECT_TRUE(path.is_relative()) << key;
      EXPECT_EQ(path, path.lexically_normal()) << key;
      EXPECT_NE(*path.begin(), "..") << key;
      EXPECT_GE(std::distance(path.begin(), path.end()), 2) << key;
    }
  }
}

TEST(OutputPaths, ANameOf255BytesIsShortenedAtACharacterAndTellsItsBeginning) {
  std::string name;
  while (name.size() < 252) name += "\xe4\xb8\xad";
  const std::filesystem::path path = results_file(name + "mp4");
  const auto file = path.filename().native();
  EXPECT_LE(file.size(), 255u);
  EXPECT_THAT(file, AllOf(StartsWith("~\xe4\xb8\xad"), EndsWith(".json")));
  const auto text = file.substr(1, file.find('~', 1) - 1);
  EXPECT_EQ(text.size() % 3, 0u) << "cut inside a character";
  EXPECT_EQ(results_file(std::string(250, 'x')), "results/" + std::string(250, 'x') + ".json");
  EXPECT_NE(results_file(std::string(251, 'x')), results_file(std::string(252, 'x')));
}

TEST(OutputPaths, AKeyAsLongAsAPathBecomesOneName) {
  std::string key;
  for (int i = 0; i < 40; ++i) key += std::string(100, 'd') + "/";
  EXPECT_LE(results_file(key + "a.mp4").size(), 300u);
  EXPECT_NE(results_file(key + "a.mp4"), results_file(key + "b.mp4"));
}

TEST(OutputPaths, NoNameLooksUnfinished) {
  const std::string key = fmt::format("{}1-2", kTemporaryPrefix);
  EXPECT_THAT(results_file(key), Not(HasSubstr("/.reelmill-tmp-")));
}

TEST(OutputPaths, AFolderNeverHasTheNameOfAResultsFile) {
  EXPECT_EQ(results_file("x"), "results/x.json");
  EXPECT_THAT(results_file("x.json/y"), Not(StartsWith("results/x.json/")));
}

TEST(OutputPaths, TwoKeysNeverMeet) {
  const unsigned seed = 20240607;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::vector<std::string> parts = {"a",
                                          "..",
                                          ".",
                                          "",
                                          "a.json",
                                          "~a~",
                                          std::string(250, 'a'),
                                          std::string(251, 'a'),
                                          std::string(255, 'a'),
                                          ".reelmill-tmp-",
                                          "\xff",
                                          "A",
                                          std::string(254, 'a') + "\xff"};
  std::map<std::string, std::string> results, artifacts;
  for (int i = 0; i < 20000; ++i) {
    std::string key;
    for (auto count = 1 + random() % 4; count > 0; --count) {
      auto part = parts[random() % parts.size()];
      // What a replaced name looks like is a key of its own too.
      if (random() % 8 == 0)
        part = std::filesystem::path(artifacts_folder(part)).filename().native();
      key += (key.empty() ? "" : "/") + part;
    }
    EXPECT_EQ(results.try_emplace(results_file(key), key).first->second, key);
    EXPECT_EQ(artifacts.try_emplace(artifacts_folder(key), key).first->second, key);
  }
  for (const auto& [path, key] : results)
    for (std::filesystem::path folder = std::filesystem::path(path).parent_path();
         folder.has_parent_path(); folder = folder.parent_path())
      EXPECT_FALSE(results.contains(folder.native())) << "a file and a folder: " << folder;
}

TEST(OutputPaths, AnArtifactNameIsRelativeAndOrdinary) {
  for (const char* name : {"shot-0001.jpg", "shots/1.jpg", "\xff", "..a"})
    EXPECT_TRUE(is_artifact_name(name)) << name;
  for (const char* name : {"", "/a", "../a", "a/..", "a/./b", "a//b", "a/", ".reelmill-tmp-1"})
    EXPECT_FALSE(is_artifact_name(name)) << name;
  EXPECT_FALSE(is_artifact_name(std::string(256, 'a')));
  EXPECT_FALSE(is_artifact_name(std::string("a\0b", 3)));
}

}  // namespace
}  // namespace reelmill
