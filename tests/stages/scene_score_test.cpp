// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/scene_score.h"

#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/artifacts.h"
#include "tests/support/scan.h"
#include "tests/support/synthetic_frame.h"

namespace reelmill {
namespace {

using test::flat;
using test::SyntheticVideo;

std::vector<float> scores_of(const SyntheticVideo& video) {
  SceneScores scores;
  video.show(scores, 0, video.images.size());
  scores.end_of_scan();
  return scores.scores();
}

TEST(SceneScore, IsTheSmallerOfTheChangeAndHowMuchThatChanged) {
  // Changes of 0, 50, 60 and 60 codes.
  const auto scores = scores_of({.images = {flat(10), flat(10), flat(60), flat(120), flat(180)}});
  ASSERT_EQ(scores.size(), 5u);
  EXPECT_FLOAT_EQ(scores[0], 0);
  EXPECT_FLOAT_EQ(scores[1], 0);
  EXPECT_FLOAT_EQ(scores[2], 0.5F);
  EXPECT_FLOAT_EQ(scores[3], 0.1F);
  EXPECT_FLOAT_EQ(scores[4], 0);
}

TEST(SceneScore, IsAtMostOne) {
  EXPECT_FLOAT_EQ(scores_of({.images = {flat(0), flat(0), flat(255)}})[2], 1);
}

TEST(SceneScore, IsZeroWhereTheSizeChanges) {
  auto small = flat(250);
  small.width = 64;
  small.height = 36;
  small.luma.resize(64 * 36);
  EXPECT_FLOAT_EQ(scores_of({.images = {flat(0), small}})[1], 0);
}

TEST(SceneScore, IsTheSameAfterSaving) {
  SceneScores scores;
  const SyntheticVideo video{.images = {flat(10), flat(10), flat(60), flat(200)}};
  video.show(scores, 0, video.images.size());
  const auto restored = SceneScores::restore(scores.save());
  ASSERT_NE(restored, nullptr);
  EXPECT_EQ(restored->scores(), scores.scores());
  EXPECT_EQ(SceneScores::restore("abc"), nullptr);
}

std::vector<Shot> scene_shots(const std::filesystem::path& path, const std::string& threshold) {
  const auto parts =
      test::configured("shots", {{"method", "ffmpeg-scene"}, {"threshold", threshold}});
  EXPECT_FALSE(parts.merges);
  auto video = test::scan_video(path, parts);
  test::MemoryArtifacts artifacts;
  const Findings before;
  const auto found = parts.video_stage->process({video.plan.file,
                                                 video.plan.media,
                                                 video.timeline.get(),
                                                 before,
                                                 video.frame_observer.get(),
                                                 video.rotation,
                                                 video.timeline->end_s(),
                                                 {}},
                                                artifacts);
  EXPECT_TRUE(found);
  return found ? found->shots().value_or(std::vector<Shot>{}) : std::vector<Shot>{};
}

TEST(SceneScore, BeginsShotsWhereTheReferenceListOfFFmpegHasThem) {
  REELMILL_CORPUS_FILE(labels, "GROUND_TRUTH.json");
  const auto truth = Json::parse(std::ifstream(labels));
  int lists = 0;
  for (const auto& [name, entry] : truth.items()) {
    if (!entry.is_object() || !entry.contains("detector_refs")) continue;
    for (const auto& [tool, listed] : entry["detector_refs"].items()) {
      if (tool.find("select=gt(scene,.4)") == std::string::npos) continue;
      REELMILL_CORPUS_FILE(path, name);
      const auto shots = scene_shots(path, "0.4");
      ASSERT_EQ(shots.size(), listed.size() + 1) << name;
      for (std::size_t i = 0; i < listed.size(); ++i)
        EXPECT_NEAR(shots[i + 1].start_s, listed[i].get<double>(), 1e-5) << name;
      ++lists;
    }
  }
  EXPECT_GE(lists, 1);
}

}  // namespace
}  // namespace reelmill
