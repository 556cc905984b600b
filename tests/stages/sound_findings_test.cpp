// SPDX-License-Identifier: Apache-2.0
// Silent and equal channels, and clipped sound.
#include <algorithm>

#include <gtest/gtest.h>

#include "stages/analyze/channels.h"
#include "stages/analyze/clipping.h"
#include "tests/support/sound.h"

namespace reelmill {
namespace {

using test::Sound;

// Each channel another share of one tone.
Sound mixed(const std::vector<float>& shares, double seconds = 2) {
  Sound tone{.channels = 1};
  tone.tone(0.5, seconds);
  Sound sound{.channels = static_cast<int>(shares.size())};
  for (const float sample : tone.samples)
    for (const float share : shares) sound.samples.push_back(sample * share);
  return sound;
}

Json channels_of(const Sound& sound, std::size_t block = 1024) {
  ChannelsObserver observer{ChannelsOptions{}};
  const double end_s = test::play(observer, sound, 0, block);
  return *observer.finish(end_s).find("channels");
}

Json clipping_of(const Sound& sound, std::size_t block = 1024, ClippingOptions options = {}) {
  ClippingObserver observer(options);
  const double end_s = test::play(observer, sound, 0, block);
  return *observer.finish(end_s).find("clipping");
}

TEST(Channels, StereoOfTwoDifferentSignalsIsJustThat) {
  const auto found = channels_of(mixed({1.0F, 0.4F}));
  EXPECT_EQ(found["count"], 2);
  EXPECT_EQ(found["silent"], Json::array());
  EXPECT_EQ(found["are_all_the_same"], false);
  EXPECT_NEAR(found["peaks_dbfs"][0].get<double>(), -6.02, 0.02);
  EXPECT_NEAR(found["peaks_dbfs"][1].get<double>(), -13.98, 0.02);
}

TEST(Channels, MonoInAStereoTrackIsNamed) {
  EXPECT_EQ(channels_of(mixed({1.0F, 1.0F}))["are_all_the_same"], true);
  EXPECT_EQ(channels_of(mixed({1.0F, 1.0F, 1.0F}))["are_all_the_same"], true);
  EXPECT_EQ(channels_of(mixed({1.0F, -1.0F}))["are_all_the_same"], false) << "turned in phase";
  EXPECT_EQ(channels_of(mixed({1.0F}))["are_all_the_same"], false) << "one channel alone";
}

TEST(Channels, SilentOnesAreNumberedFromOne) {
  EXPECT_EQ(channels_of(mixed({1.0F, 0.0F}))["silent"], Json::array({2}));
  EXPECT_EQ(channels_of(mixed({0.0F, 1.0F, 0.5F, 0.0F}))["silent"], Json::array({1, 4}));
  EXPECT_EQ(channels_of(mixed({0.0F, 0.0F}))["are_all_the_same"], false) << "nothing, twice";
  EXPECT_EQ(channels_of(mixed({0.0F, 0.0F}))["peaks_dbfs"], Json::array({nullptr, nullptr}));
}

TEST(Channels, NoSoundIsNull) {
  EXPECT_TRUE(channels_of(Sound{}).is_null());
}

TEST(Channels, AnotherNumberOfChannelsInMidStreamIsWarnedOf) {
  ChannelsObserver observer{ChannelsOptions{}};
  test::play(observer, mixed({1.0F, 0.0F}));
  test::play(observer, mixed({1.0F}), 2);
  const auto findings = observer.finish(4);
  EXPECT_EQ((*findings.find("channels"))["silent"], Json::array({2}));
  EXPECT_EQ(findings.warnings().size(), 1u);
}

// A tone whose tops are cut off, from 3 s to 4 s.
Sound clipped(double gain) {
  Sound sound;
  sound.tone(0.5, 3).tone(gain, 1).tone(0.5, 3);
  for (float& sample : sound.samples) sample = std::clamp(sample, -1.0F, 1.0F);
  return sound;
}

TEST(Clipping, FlatTopsAreFoundWhereTheyAre) {
  for (const std::size_t block : {1024u, 77u, 100000u}) {
    const auto found = clipping_of(clipped(2), block);
    ASSERT_EQ(found["intervals"].size(), 1u) << block;
    EXPECT_NEAR(found["intervals"][0]["start_s"].get<double>(), 3, 0.002);
    EXPECT_NEAR(found["intervals"][0]["end_s"].get<double>(), 4, 0.002);
    EXPECT_EQ(found, clipping_of(clipped(2)));
    // 997 waves, two tops a wave, two channels.
    EXPECT_NEAR(found["runs"].get<double>(), 2 * 2 * 997, 8);
    // Above half of the amplitude for a third of each half wave.
    EXPECT_NEAR(found["longest_run"].get<double>(), 48000 / 997.0 / 2 * 2 / 3, 2);
  }
}

TEST(Clipping, ASoundThatJustReachesFullScaleIsNot) {
  const auto found = clipping_of(clipped(0.99));
  EXPECT_EQ(found["runs"], 0);
  EXPECT_EQ(found["intervals"], Json::array());
}

TEST(Clipping, TwoSamplesAtFullScaleAreAPeakAndThreeAreClipped) {
  for (const std::size_t length : {1u, 2u, 3u}) {
    Sound sound{.channels = 1};
    sound.tone(0.5, 1);
    for (std::size_t i = 0; i < length; ++i) sound.samples[1000 + i] = -1;
    EXPECT_EQ(clipping_of(sound)["runs"], length == 3 ? 1 : 0) << length;
    EXPECT_EQ(clipping_of(sound, 1001)["runs"], length == 3 ? 1 : 0) << "across blocks";
  }
}

TEST(Clipping, ARunAtTheVeryEndCounts) {
  Sound sound{.channels = 1};
  sound.tone(0.5, 1);
  sound.samples.insert(sound.samples.end(), 5, 1.0F);
  EXPECT_EQ(clipping_of(sound)["runs"], 1);
  EXPECT_EQ(clipping_of(sound)["samples"], 5);
}

TEST(Clipping, ARunThatGoesOnToTheEndBeginsWhereItBegan) {
  Sound sound{.channels = 1};
  sound.tone(0.5, 1);
  sound.samples.insert(sound.samples.end(), 48000, 1.0F);
  const auto found = clipping_of(sound);
  ASSERT_EQ(found["intervals"].size(), 1u);
  EXPECT_NEAR(found["intervals"][0]["start_s"].get<double>(), 1, 1e-6);
  EXPECT_NEAR(found["intervals"][0]["end_s"].get<double>(), 2, 1e-6);
}

TEST(Clipping, ARunThatGoesOnWhereTheChannelsChangeCounts) {
  Sound stereo, mono{.channels = 1};
  stereo.tone(0.5, 1);
  stereo.samples.insert(stereo.samples.end(), 96000, 1.0F);
  mono.tone(0.5, 1);
  ClippingObserver observer{ClippingOptions{}};
  const double at_s = test::play(observer, stereo);
  const auto found = *observer.finish(test::play(observer, mono, at_s)).find("clipping");
  EXPECT_EQ(found["runs"], 2);
  ASSERT_EQ(found["intervals"].size(), 1u);
  EXPECT_NEAR(found["intervals"][0]["start_s"].get<double>(), 1, 1e-6);
  EXPECT_NEAR(found["intervals"][0]["end_s"].get<double>(), 2, 1e-6);
}

}  // namespace
}  // namespace reelmill
