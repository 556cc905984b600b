// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/fingerprint.h"

#include <gtest/gtest.h>

#include "fingerprint/fingerprint_file.h"
#include "stages/analyze/sound_print.h"
#include "tests/media/fixtures.h"
#include "tests/support/artifacts.h"
#include "tests/support/scan.h"
#include "tests/support/sound.h"
#include "tests/support/synthetic_frame.h"

namespace reelmill {
namespace {

using test::scene;
using test::TimelineBuilder;

constexpr Duration kDense = std::chrono::milliseconds(500);

Fingerprint print_of(const Timeline& timeline, Duration every = kDense, int rotation = 0) {
  auto print = fingerprint_pictures(timeline, rotation, every);
  EXPECT_TRUE(print);
  return print.value_or(Fingerprint{});
}

double mean_rate(const std::vector<SlotHash>& a, const std::vector<SlotHash>& b) {
  EXPECT_EQ(a.size(), b.size());
  double sum = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    sum += distance(a[i].hash, b[i].hash).rate();
  return a.empty() ? 1 : sum / static_cast<double>(a.size());
}

TEST(FingerprintStage, TakesTwoPicturesASecondAtAnyFrameRate) {
  TimelineBuilder slow(10), fast(50);
  for (unsigned i = 0; i < 6; ++i) slow.add(scene(i), 10), fast.add(scene(i), 50);
  const auto a = print_of(slow.timeline()), b = print_of(fast.timeline());
  EXPECT_EQ(a.whole.size(), 12u);
  EXPECT_DOUBLE_EQ(a.duration_s, 6);
  EXPECT_EQ(mean_rate(a.whole, b.whole), 0);
}

TEST(FingerprintStage, BlackAndPlainPicturesSayNothingAndAreLeftOut) {
  TimelineBuilder video;
  video.add(test::flat(0), 50).add(scene(1), 25).add(test::flat(200), 50);
  const auto print = print_of(video.timeline());
  ASSERT_EQ(print.whole.size(), 4u);
  EXPECT_EQ(print.whole[0].slot, 4u);
  // For a second after the scene it is seen that it has gone.
  for (const std::size_t after : {2u, 3u}) {
    EXPECT_EQ(print.whole[after].hash.strong_bits(), 0) << after;
    EXPECT_GT(print.whole[after].motion.strong_bits(), 0) << after;
  }
}

TEST(FingerprintStage, ASparseOneHasTheFirstPictureOfEachInterval) {
  TimelineBuilder video;
  for (unsigned i = 0; i < 30; ++i) video.add(scene(i), 25);
  const auto print = print_of(video.timeline(), std::chrono::seconds(10));
  ASSERT_EQ(print.whole.size(), 3u);
  EXPECT_EQ(print.whole[1].slot, 20u);
  const auto dense = print_of(video.timeline());
  EXPECT_EQ(distance(print.whole[1].hash, dense.whole[20].hash).rate(), 0);
  EXPECT_EQ(test::configured("fingerprint", {{"every", "10s"}}).needs.frames,
            DecoderNeeds::Frames::every_interval);
}

TEST(FingerprintStage, WritesOneFileThatReadsBack) {
  test::SyntheticVideo video;
  for (unsigned i = 0; i < 100; ++i) video.images.push_back(scene(i / 25));
  const auto timeline = video.timeline();
  const VideoFile file;
  const MediaInfo media;
  const Findings none;
  SoundPrint sound;
  test::play(sound, test::Sound().tone(0.5, 8), 0.25);
  (void)sound.finish(8.25);
  test::MemoryArtifacts artifacts;
  const auto parts = test::configured("fingerprint");
  VideoRecord record{file, media, &timeline, none, nullptr, 0, 4, {}};
  record.audio_observer = &sound;
  ASSERT_TRUE(parts.video_stage->process(record, artifacts));
  ASSERT_EQ(artifacts.files.size(), 1u);
  const auto print = decode_fingerprint(artifacts.files.at("fingerprint.bin")).value();
  EXPECT_EQ(print.whole, print_of(timeline).whole);
  EXPECT_EQ(print.sound, sound.items());
  EXPECT_EQ(print.sound_start_s, 0.25);
  EXPECT_EQ(print.duration_s, 4);
}

TEST(FingerprintStage, IsTheSameHoweverAVideoIsCut) {
  const auto path = test::generated(
      "prints.mp4",
      {"-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=12", "-f", "lavfi", "-i",
       "mandelbrot=size=160x90:rate=25,trim=duration=12", "-filter_complex", "[0][1]concat=n=2",
       "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p"});
  const auto stage = test::configured("fingerprint");
  const auto whole = test::scan_video(path, stage), cut = test::scan_video(path, stage, 6);
  EXPECT_EQ(whole.segments, 1);
  EXPECT_GT(cut.segments, 2);
  EXPECT_EQ(print_of(*whole.timeline), print_of(*cut.timeline));
  EXPECT_GT(print_of(*whole.timeline).whole.size(), 40u);
}

TEST(SoundPrint, DoesNotDependOnBlocksOrLevel) {
  const auto print = [](double amplitude, std::size_t block) {
    SoundPrint sound;
    test::Sound notes;
    for (int i = 0; i < 12; ++i) notes.tone(i % 3 == 0 ? amplitude : amplitude / 4, 0.7);
    test::play(sound, notes, 0, block);
    (void)sound.finish(8);
    return sound.items();
  };
  const auto items = print(0.5, 1024);
  EXPECT_NEAR(static_cast<double>(items.size()), (8.4 - 2.6) / Fingerprint::kSoundItem_s, 6);
  EXPECT_EQ(items, print(0.5, 77));
  int differing = 0;
  const auto quieter = print(0.1, 1024);
  ASSERT_EQ(quieter.size(), items.size());
  for (std::size_t i = 0; i < items.size(); ++i) differing += std::popcount(items[i] ^ quieter[i]);
  EXPECT_LT(differing, static_cast<int>(items.size()) * 3);
}

TEST(SoundPrint, ShortSoundHasNoItemsAndBrokenSamplesDoNoHarm) {
  SoundPrint brief;
  test::play(brief, test::Sound().tone(0.5, 0.5));
  (void)brief.finish(0.5);
  EXPECT_TRUE(brief.items().empty());
  SoundPrint broken;
  test::Sound sound;
  sound.tone(0.5, 6);
  for (std::size_t i = 0; i < sound.samples.size(); i += 9)
    sound.samples[i] = std::numeric_limits<float>::quiet_NaN();
  test::play(broken, sound);
  (void)broken.finish(6);
  EXPECT_FALSE(broken.items().empty());
}

}  // namespace
}  // namespace reelmill
