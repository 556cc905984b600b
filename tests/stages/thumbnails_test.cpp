// SPDX-License-Identifier: Apache-2.0
#include <random>

#include <gtest/gtest.h>

#include "stages/analyze/shot_candidates.h"
#include "tests/support/artifacts.h"
#include "tests/support/scan.h"
#include "tests/support/synthetic_frame.h"

namespace reelmill {
namespace {

using test::flat;
using test::Image;
using test::scene;
using test::SyntheticVideo;
using Options = std::vector<std::pair<std::string, std::string>>;

void add(SyntheticVideo& video, const Image& image, int frames) {
  video.images.insert(video.images.end(), static_cast<std::size_t>(frames), image);
}

// Shots of many lengths, with cuts, a flash, a fade, black at both ends and shots of a few frames.
SyntheticVideo eventful_video() {
  SyntheticVideo video;
  add(video, flat(0), 3);
  for (int i = 0; i < 14; ++i) video.images.push_back(scene(1, i));
  add(video, scene(2), 5);
  for (int i = 0; i < 9; ++i) video.images.push_back(scene(3, 3 * i));
  add(video, flat(255), 2);
  add(video, scene(3, 27), 8);
  for (int i = 0; i < 8; ++i) video.images.push_back(mix(scene(4), flat(0), i / 8.0));
  add(video, flat(0), 4);
  for (int i = 0; i < 12; ++i) video.images.push_back(scene(5, i));
  add(video, scene(6), 1);
  add(video, scene(7), 7);
  add(video, scene(8), 8);
  return video;
}

std::string described(const ShotCandidates& candidates) {
  std::string text;
  for (const auto* candidate : candidates.list())
    text += fmt::format(
        "{} pts {} score {} {} bytes {:x}\n", candidate->frame, candidate->pts, candidate->score,
        candidate->jpeg.size(),
        std::hash<std::string_view>{}(
            {reinterpret_cast<const char*>(candidate->jpeg.data()), candidate->jpeg.size()}));
  return text;
}

std::unique_ptr<ShotCandidates> candidates_of(const SyntheticVideo& video,
                                              const std::vector<std::size_t>& cuts = {},
                                              CandidateOptions options = {}) {
  return test::observe_in_segments(video, cuts,
                                   [&] { return std::make_unique<ShotCandidates>(options); });
}

TEST(ShotCandidates, OneIsKeptForEachShotOfEightFrames) {
  SyntheticVideo video;
  add(video, scene(1), 20);
  add(video, scene(2), 7);
  add(video, scene(3), 8);
  const auto candidates = candidates_of(video);
  const auto kept = candidates->list();
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0]->frame, 0) << "the earliest of equals";
  EXPECT_EQ(kept[1]->frame, 27);
  EXPECT_EQ(kept[1]->pts, video.pts(27));
}

TEST(ShotCandidates, TheSharpestBrightFrameIsKept) {
  SyntheticVideo video;
  add(video, mix(scene(1), flat(128), 0.3), 5);
  add(video, scene(1), 1);
  add(video, mix(scene(1), flat(128), 0.3), 5);
  const auto candidates = candidates_of(video);
  const auto kept = candidates->list();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0]->frame, 5);
}

TEST(ShotCandidates, AreTheSameWhereverTheVideoIsCutInTwo) {
  const auto video = eventful_video();
  const auto whole = described(*candidates_of(video));
  EXPECT_GE(std::count(whole.begin(), whole.end(), '\n'), 5);
  for (std::size_t cut = 0; cut <= video.images.size(); ++cut)
    ASSERT_EQ(described(*candidates_of(video, {cut})), whole) << "cut at " << cut;
}

TEST(ShotCandidates, AreTheSameForManySegmentsAndWhenThinnedOut) {
  const auto video = eventful_video();
  for (const int most : {1, 2, 3, 1024}) {
    CandidateOptions options;
    options.most_kept = most;
    const auto whole = described(*candidates_of(video, {}, options));
    for (unsigned seed = 0; seed < 40; ++seed) {
      std::mt19937 random(seed);
      std::vector<std::size_t> cuts(1 + random() % 12);
      for (auto& cut : cuts) cut = random() % (video.images.size() + 1);
      std::sort(cuts.begin(), cuts.end());
      ASSERT_EQ(described(*candidates_of(video, cuts, options)), whole)
          << "seed " << seed << ", at most " << most;
    }
  }
}

TEST(ShotCandidates, AreTheSameWhenManyEqualOnesAreThinnedOut) {
  SyntheticVideo video;
  for (unsigned i = 0; i < 40; ++i) add(video, scene(i % 3), 8 + static_cast<int>(i) % 3);
  for (const int most : {4, 9, 16}) {
    CandidateOptions options;
    options.most_kept = most;
    const auto whole = described(*candidates_of(video, {}, options));
    for (unsigned seed = 0; seed < 30; ++seed) {
      std::mt19937 random(seed);
      std::vector<std::size_t> cuts(1 + random() % 4);
      for (auto& cut : cuts) cut = random() % (video.images.size() + 1);
      std::sort(cuts.begin(), cuts.end());
      ASSERT_EQ(described(*candidates_of(video, cuts, options)), whole)
          << "seed " << seed << ", at most " << most;
    }
  }
}

TEST(ShotCandidates, NoMoreAreKeptThanAllowed) {
  SyntheticVideo video;
  for (unsigned i = 0; i < 30; ++i) add(video, scene(i), 8);
  CandidateOptions options;
  options.most_kept = 7;
  const auto candidates = candidates_of(video, {}, options);
  const auto kept = candidates->list();
  EXPECT_LE(kept.size(), 7u + 2u) << "the first and the last shot are kept beside";
  EXPECT_GE(kept.size(), 4u);
}

TEST(ShotCandidates, AVideoWithoutFramesHasNone) {
  ShotCandidates candidates{{}};
  candidates.end_of_scan();
  EXPECT_TRUE(candidates.list().empty());
}

// The stage.

struct Run {
  Findings findings;
  test::MemoryArtifacts artifacts;
  int decoded_again = 0;
};

Findings shots_every(std::int64_t frames, std::int64_t of) {
  std::vector<Shot> shots;
  for (std::int64_t from = 0; from < of; from += frames)
    shots.push_back({from, std::min(of, from + frames), 0, 0, Transition::cut});
  Findings findings;
  findings.set_shots(shots);
  return findings;
}

Run thumbnails(const SyntheticVideo& video, const Findings& shots, const Options& options = {},
               bool can_decode_again = true) {
  const auto parts = test::configured("thumbnails", options);
  const auto observer = parts.make_frame_observer();
  video.show(*observer, 0, video.images.size());
  const auto timeline = video.timeline();
  const VideoFile file{"/videos/clip.mp4", "clip.mp4"};
  const MediaInfo media;
  Run run;
  const auto frame_at = [&](std::int64_t pts) -> Result<Frame> {
    ++run.decoded_again;
    if (!can_decode_again) return fail(ErrorKind::not_found, "no frame at pts {}", pts);
    const auto index = static_cast<std::size_t>((pts - video.first_pts) / video.frame_ms);
    return test::frame_of(video.images.at(index), pts);
  };
  auto found = parts.video_stage->process(
      {file, media, &timeline, shots, observer.get(), video.rotation, timeline.end_s(), frame_at},
      run.artifacts);
  EXPECT_TRUE(found);
  if (found) run.findings = *std::move(found);
  return run;
}

TEST(Thumbnails, EachShotGetsItsJpeg) {
  SyntheticVideo video;
  add(video, scene(1), 20);
  add(video, scene(2), 20);
  const auto run = thumbnails(video, shots_every(20, 40));
  ASSERT_EQ(run.artifacts.files.size(), 2u);
  EXPECT_EQ(test::jpeg_size(run.artifacts.files.at("shot-0001.jpg")), std::pair(128, 72));
  const auto& listed = *run.findings.find("thumbnails");
  EXPECT_EQ(listed[1]["shot"], 2);
  EXPECT_EQ(listed[1]["file"], "shot-0002.jpg");
  EXPECT_EQ(listed[1]["frame"], 20);
  EXPECT_EQ(listed[1]["time_s"], 0.8);
  EXPECT_EQ(run.decoded_again, 0);
}

TEST(Thumbnails, AShotWithoutCandidateIsDecodedOnceMore) {
  SyntheticVideo video;
  for (int i = 0; i < 40; ++i) video.images.push_back(scene(1, i));  // one provisional shot
  const auto run = thumbnails(video, shots_every(10, 40));
  EXPECT_EQ(run.artifacts.files.size(), 4u);
  EXPECT_EQ(run.decoded_again, 3);
  EXPECT_TRUE(run.findings.warnings().empty());
  for (const auto& entry : *run.findings.find("thumbnails"))
    EXPECT_EQ(entry["frame"].get<int>() / 10 + 1, entry["shot"].get<int>());
}

TEST(Thumbnails, AFrameThatWasDecodedAgainIsNotDecodedByALaterRun) {
  SyntheticVideo video;
  for (int i = 0; i < 40; ++i) video.images.push_back(scene(1, i));  // one provisional shot
  const auto parts = test::configured("thumbnails", {});
  const auto timeline = video.timeline();
  const auto shots = shots_every(10, 40);
  const MediaInfo media;
  int decoded_again = 0;
  const auto process = [&](FrameObserver& observer) {
    test::MemoryArtifacts artifacts;
    const auto frame_at = [&](std::int64_t pts) -> Result<Frame> {
      ++decoded_again;
      const auto index = static_cast<std::size_t>((pts - video.first_pts) / video.frame_ms);
      return test::frame_of(video.images.at(index), pts);
    };
    EXPECT_TRUE(parts.video_stage->process({{"/videos/clip.mp4", "clip.mp4"},
                                            media,
                                            &timeline,
                                            shots,
                                            &observer,
                                            0,
                                            timeline.end_s(),
                                            frame_at},
                                           artifacts));
    return artifacts.files;
  };
  const auto observer = parts.make_frame_observer();
  video.show(*observer, 0, video.images.size());
  const auto first = process(*observer);
  ASSERT_EQ(decoded_again, 3);
  const auto restored = parts.restore_frame_observer(observer->save());
  ASSERT_NE(restored, nullptr);
  EXPECT_EQ(process(*restored), first);
  EXPECT_EQ(decoded_again, 3);
}

TEST(Thumbnails, AShotThatCannotBeDecodedAgainIsAWarning) {
  SyntheticVideo video;
  for (int i = 0; i < 40; ++i) video.images.push_back(scene(1, i));
  const auto run = thumbnails(video, shots_every(20, 40), {}, false);
  EXPECT_EQ(run.artifacts.files.size(), 1u);
  ASSERT_EQ(run.findings.warnings().size(), 1u);
  EXPECT_NE(run.findings.warnings()[0].message.find("no frame at pts"), std::string::npos);
}

TEST(Thumbnails, OfManyShotsSomeAtEqualDistancesAreShown) {
  SyntheticVideo video;
  for (unsigned i = 0; i < 12; ++i) add(video, scene(i), 8);
  const auto run = thumbnails(video, shots_every(8, 96), {{"max", "4"}});
  std::string names;
  for (const auto& [name, bytes] : run.artifacts.files) names += name + " ";
  EXPECT_EQ(names, "shot-0001.jpg shot-0004.jpg shot-0007.jpg shot-0010.jpg ");
}

TEST(Thumbnails, AreSmallerThanTheVideoAndNeverLarger) {
  SyntheticVideo video;
  add(video, scene(1), 10);
  const auto shots = shots_every(10, 10);
  const auto size = [&](const Options& options) {
    return test::jpeg_size(thumbnails(video, shots, options).artifacts.files.at("shot-0001.jpg"));
  };
  EXPECT_EQ(size({{"width", "64"}}), std::pair(64, 36));
  EXPECT_EQ(size({{"width", "1000"}}), std::pair(128, 72));
  video.rotation = 90;
  EXPECT_EQ(size({}), std::pair(72, 128));
  EXPECT_EQ(size({{"width", "36"}}), std::pair(36, 64));
}

TEST(Thumbnails, AFrameOfOnePixelIsEnough) {
  SyntheticVideo video;
  add(video, Image{1, 1, {100}}, 10);
  const auto run = thumbnails(video, shots_every(10, 10));
  ASSERT_EQ(run.artifacts.files.size(), 1u);
  EXPECT_EQ(test::jpeg_size(run.artifacts.files.at("shot-0001.jpg")), std::pair(1, 1));
}

TEST(Thumbnails, WithoutShotsThereAreNone) {
  const auto run = thumbnails({}, Findings{});
  EXPECT_TRUE(run.artifacts.files.empty());
  EXPECT_EQ(run.findings.find("thumbnails")->size(), 0u);
}

TEST(Thumbnails, AFullDiskIsPassedOn) {
  SyntheticVideo video;
  add(video, scene(1), 10);
  const auto parts = test::configured("thumbnails");
  const auto observer = parts.make_frame_observer();
  video.show(*observer, 0, 10);
  const auto timeline = video.timeline();
  const VideoFile file;
  const MediaInfo media;
  const auto shots = shots_every(10, 10);
  test::MemoryArtifacts artifacts;
  artifacts.refusal = Error{ErrorKind::exhausted, "disk full"};
  const auto found = parts.video_stage->process(
      {file, media, &timeline, shots, observer.get(), 0, 1, {}}, artifacts);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::exhausted);
}

}  // namespace
}  // namespace reelmill
