// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/sprite.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/media/fixtures.h"
#include "tests/support/artifacts.h"
#include "tests/support/scan.h"
#include "tests/support/synthetic_frame.h"

namespace reelmill {
namespace {

using test::Image;
using test::scene;
using test::SyntheticVideo;
using Options = std::vector<std::pair<std::string, std::string>>;

SyntheticVideo long_video(int frames = 100) {
  SyntheticVideo video;
  video.frame_ms = 250;
  for (int i = 0; i < frames; ++i) video.images.push_back(scene(static_cast<unsigned>(i / 10), i));
  return video;
}

std::unique_ptr<SpriteTiles> tiles_of(const SyntheticVideo& video,
                                      const std::vector<std::size_t>& cuts,
                                      const SpriteOptions& options) {
  return test::observe_in_segments(video, cuts,
                                   [&] { return std::make_unique<SpriteTiles>(options); });
}

std::string described(const SpriteTiles& sprite) {
  std::string text = fmt::format("every {}\n", sprite.interval_s());
  for (const auto& tile : sprite.tiles())
    text += fmt::format(
        "{} pts {} {}x{} {}\n", tile.slot, tile.pts, tile.picture.width, tile.picture.height,
        std::hash<std::string_view>{}({reinterpret_cast<const char*>(tile.picture.samples.data()),
                                       tile.picture.samples.size()}));
  return text;
}

struct Run {
  Findings findings;
  test::MemoryArtifacts artifacts;
  Json index() const {
    const auto& file = artifacts.files.at("sprite.json");
    return Json::parse(file.begin(), file.end());
  }
};

Run sprite(const SyntheticVideo& video, const Options& options) {
  const auto parts = test::configured("sprite", options);
  const auto observer = parts.make_frame_observer();
  video.show(*observer, 0, video.images.size());
  const auto timeline = video.timeline();
  const VideoFile file;
  const MediaInfo media;
  const Findings so_far;
  Run run;
  auto found = parts.video_stage->process(
      {file, media, &timeline, so_far, observer.get(), video.rotation, timeline.end_s(), {}},
      run.artifacts);
  EXPECT_TRUE(found);
  if (found) run.findings = *std::move(found);
  return run;
}

TEST(Sprite, ShowsTheFirstFrameOfEveryInterval) {
  const auto run = sprite(long_video(), {{"every", "3s"}});  // 25 s
  const auto index = run.index();
  ASSERT_EQ(index["tiles"].size(), 9u);
  for (std::size_t i = 0; i < 9; ++i)
    EXPECT_EQ(index["tiles"][i]["time_s"], 3.0 * static_cast<double>(i));
  EXPECT_EQ(index["every_s"], 3.0);
  EXPECT_EQ(index["sheets"], Json::array({"sprite-000.jpg"}));
  EXPECT_EQ(test::jpeg_size(run.artifacts.files.at("sprite-000.jpg")), std::pair(9 * 128, 72));
}

TEST(Sprite, TheIndexForPlayersNamesThePlaceOfEachTile) {
  const auto run = sprite(long_video(), {{"every", "10s"}, {"columns", "2"}});  // 25 s
  const auto& file = run.artifacts.files.at("sprite.vtt");
  EXPECT_EQ(std::string(file.begin(), file.end()),
            "WEBVTT\n"
            "\n00:00:00.000 --> 00:00:10.000\nsprite-000.jpg#xywh=0,0,128,72\n"
            "\n00:00:10.000 --> 00:00:20.000\nsprite-000.jpg#xywh=128,0,128,72\n"
            "\n00:00:20.000 --> 00:00:25.000\nsprite-000.jpg#xywh=0,72,128,72\n");
}

TEST(Sprite, WhenNoFrameBeginsOnTheIntervalTheNextOneIsShown) {
  auto video = long_video();
  video.frame_ms = 400;
  const auto index = sprite(video, {{"every", "1s"}}).index();
  EXPECT_EQ(index["tiles"][1]["time_s"], 1.2);
  EXPECT_EQ(index["tiles"][2]["time_s"], 2.0);
}

TEST(Sprite, AnIntervalWithoutFrameHasNoTile) {
  auto video = long_video(5);
  video.frame_ms = 2500;
  const auto index = sprite(video, {{"every", "1s"}}).index();
  ASSERT_EQ(index["tiles"].size(), 5u);
  EXPECT_EQ(index["tiles"][1]["time_s"], 2.5);
}

TEST(Sprite, TilesAreLaidOutInRowsAndSheets) {
  const auto run = sprite(
      long_video(),
      {{"every", "1s"}, {"columns", "4"}, {"tile_width", "64"}, {"max_tiles_per_sheet", "10"}});
  const auto index = run.index();
  ASSERT_EQ(index["tiles"].size(), 25u);
  EXPECT_EQ(index["sheets"].size(), 3u);
  EXPECT_EQ(index["tiles"][5]["x"], 64);
  EXPECT_EQ(index["tiles"][5]["y"], 36);
  EXPECT_EQ(index["tiles"][12]["sheet"], 1);
  EXPECT_EQ(index["tiles"][12]["x"], 128);
  EXPECT_EQ(index["tiles"][12]["y"], 0);
  EXPECT_EQ(test::jpeg_size(run.artifacts.files.at("sprite-000.jpg")), std::pair(256, 108));
  EXPECT_EQ(test::jpeg_size(run.artifacts.files.at("sprite-002.jpg")), std::pair(256, 72));
}

TEST(Sprite, ALongVideoGetsWiderIntervals) {
  const auto run = sprite(
      long_video(),
      {{"every", "1s"}, {"columns", "5"}, {"max_tiles_per_sheet", "5"}, {"max_sheets", "2"}});
  const auto index = run.index();
  EXPECT_EQ(index["every_s"], 4.0);
  ASSERT_EQ(index["tiles"].size(), 7u);
  EXPECT_EQ(index["tiles"][6]["time_s"], 24.0);
}

TEST(Sprite, IsTheSameWhereverTheVideoIsCut) {
  const auto video = long_video();
  for (const int most : {3, 10, 100}) {
    SpriteOptions options;
    options.every = std::chrono::milliseconds(700);
    options.max_tiles_per_sheet = most;
    options.max_sheets = 1;
    const auto whole = described(*tiles_of(video, {}, options));
    for (std::size_t cut = 0; cut <= video.images.size(); ++cut)
      ASSERT_EQ(described(*tiles_of(video, {cut}, options)), whole) << "cut at " << cut;
    for (unsigned seed = 0; seed < 20; ++seed) {
      std::mt19937 random(seed);
      std::vector<std::size_t> cuts(1 + random() % 9);
      for (auto& cut : cuts) cut = random() % (video.images.size() + 1);
      std::sort(cuts.begin(), cuts.end());
      ASSERT_EQ(described(*tiles_of(video, cuts, options)), whole) << "seed " << seed;
    }
  }
}

TEST(Sprite, PortraitVideosAreUprightInASquare) {
  auto video = long_video(8);
  video.rotation = 270;
  const auto run = sprite(video, {{"every", "1s"}, {"tile_width", "64"}});
  EXPECT_EQ(run.index()["tile"]["width"], 36);
  EXPECT_EQ(run.index()["tile"]["height"], 64);
}

TEST(Sprite, OddAndTinyFramesHaveTheirPlace) {
  SyntheticVideo video;
  video.frame_ms = 1000;
  for (int i = 0; i < 3; ++i) video.images.push_back(Image{1, 1, {100}});
  const auto run = sprite(video, {{"every", "1s"}});
  EXPECT_EQ(run.index()["tile"]["width"], 2);
  EXPECT_EQ(test::jpeg_size(run.artifacts.files.at("sprite-000.jpg")), std::pair(6, 2));
}

TEST(Sprite, TilesHaveTheShapeThatIsShownWherePixelsAreNotSquare) {
  const auto tile_of = [](const std::string& aspect) {
    const auto path =
        test::generated("anamorphic_" + aspect + ".mp4",
                        {"-f", "lavfi", "-i", "testsrc2=size=240x120:rate=5:duration=2", "-vf",
                         "setsar=" + aspect, "-c:v", "libx264", "-pix_fmt", "yuv420p"});
    const auto scan = test::scan_video(path, test::configured("sprite", {{"tile_width", "120"}}));
    const auto& picture = dynamic_cast<SpriteTiles&>(*scan.frame_observer).tiles().at(0).picture;
    return std::pair(picture.width, picture.height);
  };
  EXPECT_EQ(tile_of("1"), std::pair(120, 60));
  EXPECT_EQ(tile_of("1.5"), std::pair(120, 40));
  EXPECT_EQ(tile_of("0.5"), std::pair(120, 120));
}

TEST(Sprite, WithoutFramesThereIsNone) {
  const auto run = sprite({}, {});
  EXPECT_TRUE(run.artifacts.files.empty());
  EXPECT_TRUE(run.findings.find("sprite")->is_null());
}

TEST(Sprite, NeedsOneFrameOfEveryInterval) {
  const auto needs = test::configured("sprite", {{"every", "30s"}}).needs;
  EXPECT_EQ(needs.frames, DecoderNeeds::Frames::every_interval);
  EXPECT_EQ(needs.interval, std::chrono::seconds(30));
}

}  // namespace
}  // namespace reelmill
