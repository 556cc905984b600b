// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/timing.h"

#include <gtest/gtest.h>

#include "tests/support/artifacts.h"
#include "tests/support/scan.h"
#include "tests/support/sound.h"
#include "tests/support/synthetic.h"

namespace reelmill {
namespace {

using test::scene;
using test::Sound;
using test::TimelineBuilder;

Findings findings_of(const Timeline* timeline, AudioObserver* sound) {
  const VideoFile file;
  const MediaInfo media;
  const Findings none;
  test::MemoryArtifacts artifacts;
  VideoRecord record{file, media, timeline, none, nullptr, 0, 0, {}};
  record.audio_observer = sound;
  const auto found = test::configured("timing").video_stage->process(record, artifacts);
  EXPECT_TRUE(found);
  return *found;
}

Json timing_of(const Timeline* timeline, AudioObserver* sound) {
  return *findings_of(timeline, sound).find("timing");
}

std::unique_ptr<AudioObserver> listener() {
  return test::configured("timing").make_audio_observer();
}

TEST(Timing, WhatAgreesIsSaidToAgree) {
  TimelineBuilder video;
  video.add(scene(1), 100);
  const auto sound = listener();
  test::play(*sound, Sound().tone(0.5, 4));
  const auto found = timing_of(&video.timeline(), sound.get());
  EXPECT_EQ(found["video_gaps"], Json::array());
  EXPECT_EQ(found["audio_gaps"], Json::array());
  EXPECT_EQ(found["video_steps_back"], 0);
  EXPECT_NEAR(found["audio_drift_ms"].get<double>(), 0, 0.01);
  EXPECT_NEAR(found["audio_starts_later_ms"].get<double>(), 0, 0.01);
  EXPECT_NEAR(found["audio_ends_later_ms"].get<double>(), 0, 0.01);
}

TEST(Timing, SoundThatStartsLateAndEndsEarlyIsMeasured) {
  TimelineBuilder video;
  video.add(scene(1), 250);
  const auto sound = listener();
  test::play(*sound, Sound().tone(0.5, 9), 0.2);
  const auto found = timing_of(&video.timeline(), sound.get());
  EXPECT_NEAR(found["audio_starts_later_ms"].get<double>(), 200, 0.01);
  EXPECT_NEAR(found["audio_ends_later_ms"].get<double>(), -800, 0.01);
}

TEST(Timing, AHoleInTheSoundIsFoundAndIsNoDrift) {
  const auto sound = listener();
  const double at_s = test::play(*sound, Sound().tone(0.5, 2));
  test::play(*sound, Sound().tone(0.5, 2), at_s + 0.3);
  const auto found = timing_of(nullptr, sound.get());
  ASSERT_EQ(found["audio_gaps"].size(), 1u);
  EXPECT_NEAR(found["audio_gaps"][0]["start_s"].get<double>(), 2, 1e-6);
  EXPECT_NEAR(found["audio_gaps"][0]["end_s"].get<double>(), 2.3, 1e-6);
  EXPECT_NEAR(found["audio_drift_ms"].get<double>(), 0, 0.01);
  EXPECT_TRUE(found["audio_ends_later_ms"].is_null());
}

TEST(Timing, MoreHolesThanAreListedAreNoDriftEitherAndAreCounted) {
  const auto sound = listener();
  const Sound piece = Sound().tone(0.5, 0.1);
  for (int i = 0; i < 1501; ++i) test::play(*sound, piece, i * 0.2);
  Timeline timeline({1, 1000}, "");
  TimelineFrame frame;
  frame.duration = 40;
  for (int i = 0; i < 1003; ++i) {
    frame.pts = 1000 * i;
    ASSERT_TRUE(timeline.append(frame));
  }
  const auto found = findings_of(&timeline, sound.get());
  const auto& timing = *found.find("timing");
  EXPECT_EQ(timing["audio_gaps"].size(), 1000u);
  EXPECT_NEAR(timing["audio_drift_ms"].get<double>(), 0, 0.01);
  EXPECT_EQ(timing["video_gaps"].size(), 1000u);
  ASSERT_EQ(found.warnings().size(), 2u);
  EXPECT_EQ(found.warnings()[0].message, "timing: 2 more gaps of the picture than are listed");
  EXPECT_EQ(found.warnings()[1].message, "timing: 500 more gaps of the sound than are listed");
}

TEST(Timing, SamplesThatRunLongerThanTheirTimestampsDrift) {
  const auto sound = listener();
  const Sound second = Sound().tone(0.5, 1);
  for (int i = 0; i < 60; ++i) test::play(*sound, second, i * 0.999, 48000);
  EXPECT_NEAR(timing_of(nullptr, sound.get())["audio_drift_ms"].get<double>(), 59, 1);
}

TEST(Timing, AHoleInThePictureIsFoundAndALongFrameIsNone) {
  Timeline timeline({1, 1000}, "");
  TimelineFrame frame;
  const auto show = [&](std::int64_t pts, std::int64_t duration) {
    frame.pts = pts;
    frame.duration = duration;
    ASSERT_TRUE(timeline.append(frame));
  };
  show(0, 40), show(40, 40), show(2000, 40), show(2040, 3000), show(5040, 40), show(5040, 40);
  const auto found = timing_of(&timeline, nullptr);
  ASSERT_EQ(found["video_gaps"].size(), 1u);
  EXPECT_NEAR(found["video_gaps"][0]["start_s"].get<double>(), 0.08, 1e-6);
  EXPECT_NEAR(found["video_gaps"][0]["end_s"].get<double>(), 2, 1e-6);
  EXPECT_EQ(found["video_steps_back"], 1);
}

}  // namespace
}  // namespace reelmill
