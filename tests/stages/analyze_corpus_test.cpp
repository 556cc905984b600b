// SPDX-License-Identifier: Apache-2.0
// What the detectors find in labelled real videos.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/artifacts.h"
#include "tests/support/scan.h"

namespace reelmill {
namespace {

using Intervals = std::vector<std::pair<double, double>>;

Findings detect(const std::string& stage, const Timeline& timeline) {
  auto found = test::configured(stage).detector->detect(timeline);
  EXPECT_TRUE(found) << stage;
  return found ? *std::move(found) : Findings{};
}

std::vector<Shot> shots_of(const Timeline& timeline) {
  return detect("shots", timeline).shots().value_or(std::vector<Shot>{});
}

struct Score {
  int hits = 0, false_alarms = 0, misses = 0;
  double f1() const { return hits == 0 ? 0 : 2.0 * hits / (2.0 * hits + false_alarms + misses); }
};

// Each cut of the truth may be hit once, by a cut at most one frame away.
Score score(const std::vector<Shot>& shots, std::vector<std::int64_t> truth) {
  Score score;
  for (const auto& shot : shots) {
    if (shot.transition_in != Transition::cut) continue;
    const auto hit = std::find_if(truth.begin(), truth.end(), [&](std::int64_t frame) {
      return std::abs(frame - shot.start_frame) <= 1;
    });
    if (hit == truth.end()) {
      ++score.false_alarms;
    } else {
      ++score.hits;
      truth.erase(hit);
    }
  }
  score.misses = static_cast<int>(truth.size());
  return score;
}

void expect_listed(const Findings& findings, const std::string& name, const Json& listed) {
  for (const auto& wanted : listed) {
    const double from = wanted[0], to = wanted[1];
    double nearest = 1e9;
    for (const auto& found : *findings.find(name))
      nearest = std::min(nearest, std::max(std::abs(found["start_s"].get<double>() - from),
                                           std::abs(found["end_s"].get<double>() - to)));
    EXPECT_LE(nearest, 0.1) << name << " " << from << " to " << to
                            << " s: " << findings.find(name)->dump();
  }
}

Json ground_truth() {
  const auto path = test::corpus_file("GROUND_TRUTH.json");
  return path ? Json::parse(std::ifstream(*path)) : Json();
}

TEST(LabelledClips, CutsAreFoundWithAnFScoreOfAtLeast97Percent) {
  const auto truth = ground_truth();
  if (truth.is_null()) GTEST_SKIP() << "REELMILL_CORPUS is not set";
  Score all;
  for (const auto& [name, labels] : truth.items()) {
    if (!labels.is_object() || !labels.contains("cuts")) continue;
    REELMILL_CORPUS_FILE(path, name);
    const auto video = test::scan_video(path);
    const auto found = score(shots_of(*video.timeline), labels["cuts"]);
    std::printf("%-48s %2d found, %d false, %d missed\n", name.c_str(), found.hits,
                found.false_alarms, found.misses);
    all.hits += found.hits;
    all.false_alarms += found.false_alarms;
    all.misses += found.misses;
  }
  std::printf("F1 over all: %.3f\n", all.f1());
  EXPECT_GE(all.f1(), 0.97);
}

TEST(LabelledClips, FastFindsTheCutsOfTheFullScanWithinOnePointOfTheFScore) {
  const auto truth = ground_truth();
  if (truth.is_null()) GTEST_SKIP() << "REELMILL_CORPUS is not set";
  Score full, fast;
  std::int64_t held = 0;
  const auto add = [](Score& sum, const Score& one) {
    sum.hits += one.hits;
    sum.false_alarms += one.false_alarms;
    sum.misses += one.misses;
  };
  for (const auto& [name, labels] : truth.items()) {
    if (!labels.is_object() || !labels.contains("cuts")) continue;
    REELMILL_CORPUS_FILE(path, name);
    add(full, score(shots_of(*test::scan_video(path).timeline), labels["cuts"]));
    const auto video = test::scan_video(path, test::configured("shots", {{"mode", "fast"}}));
    add(fast, score(shots_of(*video.timeline), labels["cuts"]));
    held += video.held_frames;
    std::printf("%-48s %5ld of %5ld frames held\n", name.c_str(), video.held_frames,
                video.timeline->size());
  }
  std::printf("F1: full %.3f, fast %.3f\n", full.f1(), fast.f1());
  EXPECT_GE(fast.f1(), full.f1() - 0.01);
  EXPECT_GT(held, 1000);
}

TEST(LabelledClips, EveryListedIntervalIsFoundWithin100Milliseconds) {
  const auto truth = ground_truth();
  if (truth.is_null()) GTEST_SKIP() << "REELMILL_CORPUS is not set";
  for (const auto& [name, labels] : truth.items()) {
    if (!labels.is_object()) continue;
    for (const auto& [key, listed] : labels.items()) {
      const auto stage = key.substr(0, key.find('_'));
      if (stage != "black" && stage != "freeze") continue;
      REELMILL_CORPUS_FILE(path, name);
      SCOPED_TRACE(name);
      const auto video = test::scan_video(path);
      expect_listed(detect(stage, *video.timeline), stage, listed);
    }
    if (labels.contains("silence_s")) {
      REELMILL_CORPUS_FILE(path, name);
      SCOPED_TRACE(name);
      const auto video = test::scan_video(path, test::configured("silence"));
      expect_listed(video.audio_observer->finish(video.audio_end_s), "silence",
                    labels["silence_s"]);
    }
  }
}

TEST(LabelledClips, FadesThroughBlackAreFadesAndNoCuts) {
  REELMILL_CORPUS_FILE(path, "labelled/psd_testvideo.mp4");
  const auto video = test::scan_video(path);
  std::vector<std::int64_t> fades;
  for (const auto& shot : shots_of(*video.timeline)) {
    EXPECT_NE(shot.transition_in, Transition::cut) << shot.start_frame;
    if (shot.transition_in == Transition::fade) fades.push_back(shot.start_frame);
  }
  ASSERT_EQ(fades.size(), 2u) << "three shots";
  EXPECT_NEAR(static_cast<double>(fades[0]), 198, 4);
  EXPECT_NEAR(static_cast<double>(fades[1]), 377, 4);
}

TEST(LabelledClips, FadesThroughBlackAndWhiteAreFound) {
  REELMILL_CORPUS_FILE(path, "labelled/psd_fades.mp4");
  const auto video = test::scan_video(path);
  std::vector<std::int64_t> fades;
  for (const auto& shot : shots_of(*video.timeline))
    if (shot.transition_in == Transition::fade) fades.push_back(shot.start_frame);
  ASSERT_EQ(fades.size(), 5u);
  const std::vector<double> expected = {42, 84, 126, 167, 209};
  for (std::size_t i = 0; i < fades.size(); ++i)
    EXPECT_NEAR(static_cast<double>(fades[i]), expected[i], 2);
}

struct Pictures {
  test::MemoryArtifacts artifacts;
  std::string findings;
  int segments = 0;
  std::size_t shots = 0;
};

Pictures pictures_of(const std::string& stage, const std::filesystem::path& path,
                     double segment_length_s) {
  const auto parts = test::configured(stage);
  auto video = test::scan_video(path, parts, segment_length_s);
  const auto shots = detect("shots", *video.timeline);
  Pictures pictures;
  pictures.segments = video.segments;
  pictures.shots = shots.shots()->size();
  const auto frame_at = [&](std::int64_t pts) { return video.source->frame_at(video.plan, pts); };
  const auto found = parts.video_stage->process(
      {video.plan.file, video.plan.media, video.timeline.get(), shots, video.frame_observer.get(),
       video.rotation, video.timeline->end_s(), frame_at},
      pictures.artifacts);
  EXPECT_TRUE(found);
  if (found) pictures.findings = found->find(stage)->dump();
  return pictures;
}

TEST(LabelledClips, ThumbnailsAndSheetsAreTheSameInSegments) {
  REELMILL_CORPUS_FILE(path, "labelled/bbb60_360p.ts");
  for (const std::string stage : {"thumbnails", "sprite"}) {
    const auto whole = pictures_of(stage, path, 0);
    EXPECT_EQ(whole.segments, 1);
    EXPECT_EQ(whole.artifacts.files.size(), stage == "sprite" ? 3u : whole.shots);
    for (const double length_s : {5.0, 20.0}) {
      const auto cut = pictures_of(stage, path, length_s);
      EXPECT_GT(cut.segments, 1);
      EXPECT_EQ(cut.findings, whole.findings);
      EXPECT_EQ(cut.artifacts.files, whole.artifacts.files);
    }
  }
}

TEST(LabelledClips, ASilentFilmHasNoLoudness) {
  REELMILL_CORPUS_FILE(path, "labelled/androidx_silent-black-10s.mp4");
  const auto video = test::scan_video(path, test::configured("loudness"));
  EXPECT_TRUE((*video.audio_observer->finish(10).find("loudness"))["integrated_lufs"].is_null());
}

}  // namespace
}  // namespace reelmill
