// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;
using testing::IsEmpty;

/// A line of comma-separated values with quotes.
std::vector<std::string> csv_fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool is_quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"')
      is_quoted = !is_quoted;
    else if (line[i] == ',' && !is_quoted)
      fields.emplace_back();
    else if (line[i] != '\r')
      fields.back() += line[i];
  }
  return fields;
}

std::map<std::string, std::string> expected_outcomes() {
  std::map<std::string, std::string> expected;
  std::ifstream manifest(corpus() / "MANIFEST.csv");
  std::string line;
  std::getline(manifest, line);
  const auto header = csv_fields(line);
  const auto column = static_cast<std::size_t>(std::find(header.begin(), header.end(), "expected") -
                                               header.begin());
  while (std::getline(manifest, line)) {
    const auto fields = csv_fields(line);
    const auto& text = fields.at(column);
    expected[fields[0]] = text.starts_with("ok")           ? "done"
                          : text.starts_with("partial")    ? "partial"
                          : text.starts_with("audio-only") ? "audio-only"
                          : text.starts_with("image-only") ? "image-only"
                                                           : "quarantined";
  }
  // Its picture decodes; only its sound does not. docs/corpus.md says more.
  expected["damaged/fuzzcorpus_bug498855-2.ogv"] = "partial";
  return expected;
}

/// One run over the whole corpus for all tests here.
struct CorpusRun {
  TempFolder folder;
  std::filesystem::path out = folder / "out";
  ProcessResult result;
  CorpusRun() {
    const auto config = folder.write("everything.yaml", analysis_yaml());
    result = run(tool_run({corpus().native()}, config, out));
  }
  nlohmann::json results(const std::string& video) const {
    return nlohmann::json::parse(read_file(out / "results" / (video + ".json")));
  }
};

const CorpusRun& corpus_run() {
  static const CorpusRun run;
  return run;
}

nlohmann::json ground_truth() {
  return nlohmann::json::parse(read_file(corpus() / "GROUND_TRUTH.json"));
}

TEST(Corpus, EveryFileEndsOnceAndAsTheManifestSays) {
  REELMILL_NEEDS_CORPUS();
  const auto& run = corpus_run();
  EXPECT_EQ(run.result.exit_code, 4) << run.result.err;
  const auto quarantine = quarantined(run.out);
  std::map<std::string, std::string> differing;
  for (const auto& [video, expected] : expected_outcomes()) {
    const bool has_results = std::filesystem::exists(run.out / "results" / (video + ".json"));
    EXPECT_NE(has_results, quarantine.contains(video)) << video << " ends in both or neither";
    const std::string got =
        has_results ? run.results(video).at("status").get<std::string>() : "quarantined";
    if (got != expected) differing[video] = got + ", expected " + expected;
  }
  EXPECT_THAT(differing, IsEmpty());
}

TEST(Corpus, TheReportAddsUp) {
  REELMILL_NEEDS_CORPUS();
  const auto videos = report_of(corpus_run().out).at("videos");
  EXPECT_EQ(videos.at("found"), expected_outcomes().size());
  EXPECT_EQ(videos.at("found").get<int>(), videos.at("done").get<int>() +
                                               videos.at("skipped").get<int>() +
                                               videos.at("quarantined").get<int>());
}

TEST(Corpus, VerifyFindsNothingWrong) {
  REELMILL_NEEDS_CORPUS();
  const auto verified =
      run({.arguments = {reelmill_program().native(), "verify", corpus_run().out.native()}});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST(Corpus, PeakMemoryStaysBelow300MB) {
  REELMILL_NEEDS_CORPUS();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need memory of their own";
#endif
  EXPECT_LE(report_of(corpus_run().out).at("peak_resident_bytes").get<double>(), 300e6);
}

TEST(Corpus, CutsAreFoundWithinTwoFrames) {
  REELMILL_NEEDS_CORPUS();
  int hits = 0, found = 0, wanted = 0;
  std::string detail;
  const auto all = ground_truth();
  for (const auto& [video, truth] : all.items()) {
    if (!truth.is_object() || !truth.contains("cuts")) continue;
    std::vector<int> cuts;
    const auto results = corpus_run().results(video);
    for (const auto& shot : results.at("shots"))
      if (shot.at("transition_in") == "cut") cuts.push_back(shot.at("start_frame"));
    std::set<std::size_t> used;
    int own = 0;
    for (const int cut : truth.at("cuts")) {
      for (std::size_t i = 0; i < cuts.size(); ++i)
        if (std::abs(cuts[i] - cut) <= 2 && used.insert(i).second) {
          ++own;
          break;
        }
    }
    hits += own;
    found += static_cast<int>(cuts.size());
    wanted += static_cast<int>(truth.at("cuts").size());
    detail += video + ": " + std::to_string(own) + " of " +
              std::to_string(truth.at("cuts").size()) + ", found " + std::to_string(cuts.size()) +
              "\n";
  }
  const double f1 = 2.0 * hits / (found + wanted);
  RecordProperty("F1", std::to_string(f1));
  EXPECT_GE(f1, 0.95) << detail;
}

TEST(Corpus, ListedIntervalsAreFoundWithinATenthOfASecond) {
  REELMILL_NEEDS_CORPUS();
  const std::map<std::string, std::string> kinds = {{"black_s", "black"},
                                                    {"black_s_ffmpeg_d.1", "black"},
                                                    {"freeze_s", "freeze"},
                                                    {"freeze_ffmpeg_-60dB_2s", "freeze"},
                                                    {"silence_s", "silence"}};
  int checked = 0;
  const auto all = ground_truth();
  for (const auto& [video, truth] : all.items()) {
    if (!truth.is_object()) continue;
    for (const auto& [key, finding] : kinds) {
      if (!truth.contains(key)) continue;
      const auto results = corpus_run().results(video);
      for (const auto& interval : truth.at(key)) {
        ++checked;
        const auto& list = results.at(finding);
        const bool is_found = std::any_of(list.begin(), list.end(), [&](const auto& one) {
          return std::abs(one.at("start_s").template get<double>() -
                          interval[0].template get<double>()) <= 0.1 &&
                 std::abs(one.at("end_s").template get<double>() -
                          interval[1].template get<double>()) <= 0.1;
        });
        EXPECT_TRUE(is_found) << video << " " << finding << " " << interval << " in " << list;
      }
    }
  }
  EXPECT_GE(checked, 10);
}

/// Names of videos that are known to be the same, in whole or in part.
std::vector<std::set<std::string>> known_copies() {
  const auto truth = ground_truth();
  std::vector<std::set<std::string>> groups;
  for (const char* key : {"near_duplicate_groups", "exact_duplicates"})
    for (const auto& group : truth.at(key)) groups.push_back(group.get<std::set<std::string>>());
  return groups;
}

nlohmann::json duplicates_of_corpus() {
  const auto listed = run({.arguments = {reelmill_program().native(), "duplicates",
                                         corpus_run().out.native(), "--format", "json"}});
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  return nlohmann::json::parse(listed.out);
}

TEST(Corpus, EveryListedGroupOfDuplicatesIsFound) {
  REELMILL_NEEDS_CORPUS();
  const auto report = duplicates_of_corpus();
  for (const auto& known : known_copies()) {
    const bool is_found =
        std::any_of(report["groups"].begin(), report["groups"].end(), [&](const auto& group) {
          const auto found = group.template get<std::set<std::string>>();
          return std::includes(found.begin(), found.end(), known.begin(), known.end());
        });
    EXPECT_TRUE(is_found) << *known.begin() << " in " << report["groups"];
  }
  int overlaps = 0;
  for (const auto& overlap : report["overlaps"]) {
    if (overlap["b"]["path"] != "labelled/moviepy_big_buck_bunny_0_30.webm") continue;
    ++overlaps;
    EXPECT_NEAR(overlap["offset_s"].get<double>(), -4.5, 0.5) << overlap;
    EXPECT_NEAR(overlap["speed"].get<double>(), 1, 0.01) << overlap;
  }
  EXPECT_EQ(overlaps, 2) << "with both sizes of the film";
}

TEST(Corpus, NoOtherVideosAreCalledDuplicates) {
  REELMILL_NEEDS_CORPUS();
  auto known = known_copies();
  // The first is the list's own note; the second is the film's sound alone, as samples show; the
  // third are two encodings of one generated test picture that counts, as a look at them shows.
  known.push_back({"labelled/moviepy_big_buck_bunny_0_30.webm", "labelled/bbb60_360p.ts",
                   "labelled/bbb60_720p.ts"});
  known.push_back({"damaged/torchcodec_nasa_13013.mp4.audio.mp3", "ok/torchcodec_nasa_13013.mp4"});
  known.push_back({"damaged/decord_corrupted.mp4", "ok/torchcodec_av1_video.mkv"});
  const auto report = duplicates_of_corpus();
  for (const auto& overlap : report["overlaps"]) {
    const std::string a = overlap["a"]["path"], b = overlap["b"]["path"];
    EXPECT_TRUE(std::any_of(known.begin(), known.end(), [&](const auto& group) {
      return group.contains(a) && group.contains(b);
    })) << overlap;
  }
}

class CorpusAgain : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(CorpusAgain, ResultsAreByteIdenticalHoweverTheWorkIsCut) {
  REELMILL_NEEDS_CORPUS();
  TempFolder folder;
  const auto config = folder.write("everything.yaml", analysis_yaml());
  const auto again = run(tool_run({corpus().native()}, config, folder / "out", GetParam()));
  EXPECT_EQ(again.exit_code, 4) << again.err;
  const auto expected = outcome(corpus_run().out), got = outcome(folder / "out");
  EXPECT_EQ(got.size(), expected.size());
  for (const auto& [name, content] : expected)
    EXPECT_TRUE(got.contains(name) && got.at(name) == content) << name << " differs";
}

INSTANTIATE_TEST_SUITE_P(
    Workers, CorpusAgain,
    testing::Values(std::vector<std::string>{"--workers", "1", "--split", "never"},
                    std::vector<std::string>{"--workers", "2", "--split", "always",
                                             "--segment-length", "1s"},
                    std::vector<std::string>{"--workers", "8", "--split", "always",
                                             "--segment-length", "700ms"}));

}  // namespace
}  // namespace reelmill
