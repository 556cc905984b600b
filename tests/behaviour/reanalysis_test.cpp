// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include <gmock/gmock.h>

#include "tests/support/source_tree.h"
#include "tests/support/tool_run.h"

namespace reelmill {
namespace {

using namespace test;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

/// Runs over the same videos with one configuration after another.
class Reanalysis : public testing::Test {
 protected:
  std::map<std::string, std::string> run_with(const std::string& yaml, const std::string& out,
                                              const std::string& input = sample_clips().native()) {
    const auto config = folder_.write("config.yaml", yaml);
    const auto result = run(tool_run({input}, config, folder_ / out));
    EXPECT_THAT(result.exit_code, testing::AnyOf(0, 4)) << result.out << result.err;
    return outcome(folder_ / out);
  }
  std::int64_t frames_decoded(const std::string& out) const {
    return report_of(folder_ / out)["throughput"]["frames"].get<std::int64_t>();
  }
  void expect_whole(const std::string& out) const {
    const auto verified =
        run({.arguments = {reelmill_program().native(), "verify", (folder_ / out).native()}});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }
  /// The second configuration needs no decoding after the first, and gives what it gives alone.
  void expect_no_decoding(const std::string& first, const std::string& second) {
    (void)run_with(first, "out");
    const auto changed = run_with(second, "out");
    EXPECT_EQ(frames_decoded("out"), 0);
    EXPECT_EQ(report_of(folder_ / "out")["videos"]["done"], 5);
    EXPECT_EQ(changed, run_with(second, "fresh"));
    EXPECT_GT(frames_decoded("fresh"), 0);
    expect_whole("out");
  }

  using Outcome = std::map<std::string, std::string>;
  /// Names what differs: of many videos, all bytes would be too much to print.
  static void expect_same(const Outcome& again, const Outcome& fresh) {
    EXPECT_EQ(again.size(), fresh.size());
    for (const auto& [name, content] : fresh)
      EXPECT_TRUE(again.contains(name) && again.at(name) == content) << name << " differs";
  }
  /// What can be heard, beside what can be seen; `changed`: one of these with other options.
  static std::string sound_yaml(const std::string& changed) {
    const auto name = changed.substr(0, changed.find(':'));
    std::string yaml =
        "version: 1\nstages:\n  - { id: frames, use: decode }\n"
        "  - { id: black, use: black, from: frames }\n";
    for (const std::string stage : {"silence", "clipping", "channels", "loudness", "timing"})
      yaml += "  - { id: " + stage + ", use: " + stage + ", from: frames" +
              (stage == name ? ", with" + changed.substr(name.size()) : "") + " }\n";
    return yaml;
  }

  TempFolder folder_;
  const std::string shots_ = "use: shots, from: frames";
  const std::string silence_ = "use: silence, from: frames";
  const std::string louder_ = silence_ + ", with: { level: -30 }";
};

TEST_F(Reanalysis, AChangedThresholdRunsItsDetectorWithoutDecoding) {
  expect_no_decoding(analysis_yaml(),
                     replaced(analysis_yaml(), "use: black, from: frames",
                              "use: black, from: frames, with: { min_duration: 40ms }"));
}

TEST_F(Reanalysis, WhatStandsOnAChangedDetectorRunsAgainToo) {
  const auto fewer = replaced(analysis_yaml(), shots_, shots_ + ", with: { min_change: 400 }");
  (void)run_with(analysis_yaml(), "before");
  EXPECT_NE(outcome(folder_ / "before"), run_with(fewer, "other"));
  expect_no_decoding(analysis_yaml(), fewer);
}

TEST_F(Reanalysis, BackToAnEarlierConfigurationGivesItsResultsAgain) {
  const auto first = run_with(analysis_yaml(), "out");
  (void)run_with(replaced(analysis_yaml(), shots_, shots_ + ", with: { min_change: 400 }"), "out");
  EXPECT_EQ(run_with(analysis_yaml(), "out"), first);
  EXPECT_EQ(frames_decoded("out"), 0);
}

TEST_F(Reanalysis, AnAddedDetectorNeedsNoDecoding) {
  auto without = replaced(analysis_yaml(), "  - { id: freeze, use: freeze, from: frames }\n", "");
  without = replaced(without, "black, freeze,", "black,");
  expect_no_decoding(without, analysis_yaml());
}

TEST_F(Reanalysis, AStageThatLooksAtFramesNeedsThemAgain) {
  (void)run_with(analysis_yaml(), "out");
  const auto wider = replaced(analysis_yaml(), "every: 1s", "every: 500ms");
  const auto changed = run_with(wider, "out");
  EXPECT_GT(frames_decoded("out"), 0);
  EXPECT_EQ(changed, run_with(wider, "fresh"));
}

TEST_F(Reanalysis, AStageThatHearsSoundNeedsNoPicturesAgain) {
  (void)run_with(sound_yaml(""), "out");
  for (const std::string changed :
       {"silence: { level: -30 }", "silence: { min_duration: 100ms }", "clipping: { level: -6 }",
        "channels: { same_level: -20 }", "loudness: { true_peak: false }",
        "timing: { audio_gap: 1ms }"}) {
    const auto again = run_with(sound_yaml(changed), "out");
    EXPECT_EQ(frames_decoded("out"), 0) << changed;
    EXPECT_EQ(report_of(folder_ / "out")["videos"]["reanalyzed"], 5) << changed;
    TempFolder fresh;
    EXPECT_EQ(again, run_with(sound_yaml(changed), fresh.path().native())) << changed;
  }
  expect_whole("out");
}

TEST_F(Reanalysis, AnAddedStageThatHearsSoundNeedsNoPicturesEither) {
  expect_no_decoding(
      replaced(analysis_yaml(), "  - { id: clipping, use: clipping, from: frames }\n", ""),
      analysis_yaml());
}

TEST_F(Reanalysis, WhereAnArtifactIsMissingThePicturesAreReadWithTheSound) {
  (void)run_with(analysis_yaml(), "out");
  std::filesystem::remove_all(folder_ / "out/artifacts/b.mkv");
  const auto changed = replaced(analysis_yaml(), silence_, louder_);
  EXPECT_EQ(run_with(changed, "out"), run_with(changed, "fresh"));
  EXPECT_GT(frames_decoded("out"), 0);
  EXPECT_LT(frames_decoded("out"), frames_decoded("fresh"));
  expect_whole("out");
}

TEST_F(Reanalysis, DamagedTimelinesAreReplacedByAScan) {
  (void)run_with(analysis_yaml(), "out");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "out/timelines"))
    if (entry.is_regular_file())
      std::filesystem::resize_file(entry.path(), std::filesystem::file_size(entry.path()) / 2);
  const auto changed = replaced(analysis_yaml(), shots_, shots_ + ", with: { min_change: 400 }");
  const auto after = run_with(changed, "out");
  EXPECT_GT(frames_decoded("out"), 0);
  EXPECT_EQ(after, run_with(changed, "fresh"));
  (void)run_with(analysis_yaml(), "out");
  EXPECT_EQ(frames_decoded("out"), 0) << "the scan kept timelines that can be read";
}

TEST_F(Reanalysis, AMissingArtifactIsMadeAgain) {
  const auto first = run_with(analysis_yaml(), "out");
  std::filesystem::remove_all(folder_ / "out/artifacts/b.mkv");
  const auto changed = replaced(analysis_yaml(), "use: freeze, from: frames",
                                "use: freeze, from: frames, with: { min_duration: 1s }");
  EXPECT_EQ(run_with(changed, "out"), run_with(changed, "fresh"));
  expect_whole("out");
}

TEST_F(Reanalysis, APlanSaysWhichVideosNeedNoDecoding) {
  (void)run_with(analysis_yaml(), "out");
  const auto plan_says = [&](const std::string& yaml, const std::string& text) {
    const auto config = folder_.write("plan.yaml", yaml);
    const auto plan =
        run({.arguments = {reelmill_program().native(), "plan", sample_clips().native(), "-c",
                           config.native(), "-o", (folder_ / "out").native()}});
    EXPECT_EQ(plan.exit_code, 0) << plan.err;
    int count = 0;
    for (auto at = plan.out.find(text); at != std::string::npos; at = plan.out.find(text, at + 1))
      ++count;
    return count;
  };
  const auto undecoded = [&](const std::string& yaml) {
    return plan_says(yaml, "not decoded again");
  };
  const auto other_shots =
      replaced(analysis_yaml(), shots_, shots_ + ", with: { min_change: 400 }");
  EXPECT_EQ(undecoded(analysis_yaml()), 0) << "all are done already";
  EXPECT_EQ(undecoded(other_shots), 5);
  std::ofstream(folder_ / "out/timelines/b.mkv.timeline", std::ios::trunc) << "damaged";
  EXPECT_EQ(undecoded(other_shots), 4);
  EXPECT_EQ(undecoded(replaced(analysis_yaml(), "every: 1s", "every: 500ms")), 0);
  EXPECT_EQ(plan_says(replaced(analysis_yaml(), silence_, louder_), "only the sound decoded again"),
            4);
}

TEST_F(Reanalysis, AStageThatThrowsCostsItsVideosOnly) {
  const auto plugin = (build_folder() / "lib/libthrows_when_told.so").string();
  const auto yaml = [&](const std::string& told) {
    return "version: 1\nplugins: [\"" + plugin + "\"]\nstages:\n" +
           "  - { id: frames, use: decode }\n" +
           "  - { id: faulty, use: throws_when_told, from: frames, with: { told: " + told +
           " } }\n";
  };
  (void)run_with(yaml("false"), "out");
  const auto config = folder_.write("config.yaml", yaml("true"));
  auto command = tool_run({sample_clips().native()}, config, folder_ / "out");
  command.timeout = std::chrono::seconds(60);
  const auto result = run(command);
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_THAT(quarantined(folder_ / "out"), testing::Each(testing::Pair(testing::_, "internal")));
  EXPECT_THAT(quarantined(folder_ / "out"), testing::SizeIs(5));
}

TEST_F(Reanalysis, NothingIsKeptWhereItIsNotWanted) {
  (void)run_with("keep_timeline: false\n" + analysis_yaml(), "out");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out/timelines"));
}

TEST_F(Reanalysis, TheWholeCorpusNeedsNoDecoding) {
  REELMILL_NEEDS_CORPUS();
  const auto changed =
      replaced(replaced(analysis_yaml(), shots_, shots_ + ", with: { min_change: 120 }"),
               "use: black, from: frames", "use: black, from: frames, with: { min_duration: 1s }");
  (void)run_with(analysis_yaml(), "out", corpus().native());
  const auto again = run_with(changed, "out", corpus().native());
  EXPECT_EQ(frames_decoded("out"), 0);
  const auto fresh = run_with(changed, "fresh", corpus().native());
  expect_same(again, fresh);
  expect_whole("out");
  const auto heard = replaced(changed, silence_, louder_);
  const auto with_sound = run_with(heard, "out", corpus().native());
  EXPECT_EQ(frames_decoded("out"), 0);
  expect_same(with_sound, run_with(heard, "all", corpus().native()));
}

}  // namespace
}  // namespace reelmill
