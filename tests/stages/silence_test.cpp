// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/scan.h"
#include "tests/support/sound.h"

namespace reelmill {
namespace {

using test::Sound;
using Options = std::vector<std::pair<std::string, std::string>>;

std::vector<std::pair<double, double>> listed(const Findings& findings) {
  std::vector<std::pair<double, double>> list;
  for (const auto& interval : *findings.find("silence"))
    list.emplace_back(interval["start_s"].get<double>(), interval["end_s"].get<double>());
  return list;
}

std::vector<std::pair<double, double>> silence(const Sound& sound, const Options& options = {},
                                               std::size_t block_frames = 1024) {
  const auto observer = test::configured("silence", options).make_audio_observer();
  return listed(observer->finish(test::play(*observer, sound, 0, block_frames)));
}

using List = std::vector<std::pair<double, double>>;

TEST(Silence, NothingHeardIsNothingFound) {
  EXPECT_EQ(silence(Sound{}), List{});
}

TEST(Silence, LastsFromTheFirstSampleToTheLast) {
  EXPECT_EQ(silence(Sound{}.silence(3)), (List{{0, 3}}));
}

TEST(Silence, BoundsAreExactToTheSampleForAnyBlockSize) {
  Sound sound;
  sound.tone(0.5, 1).silence(2.5).tone(0.5, 1);
  sound.samples[2 * 48000 - 1] = 0.5F;  // the sine ends near zero
  sound.samples[2 * 168000] = 0.5F;     // and begins there
  for (const std::size_t block : {1, 7, 480, 1024, 1152, 100000})
    EXPECT_EQ(silence(sound, {}, block), (List{{1, 3.5}})) << block;
}

TEST(Silence, OneLoudSampleOnOneChannelBreaksIt) {
  auto sound = Sound{}.silence(5);
  sound.samples[2 * 48000 * 2 + 1] = 0.01F;  // at 2 s, right
  const auto found = silence(sound);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0], (std::pair<double, double>{0, 2}));
  EXPECT_EQ(found[1], (std::pair<double, double>{2 + 1.0 / 48000, 5}));
}

TEST(Silence, ShorterThanTheLeastDurationIsNotReported) {
  EXPECT_EQ(silence(Sound{}.silence(1.999)), List{});
  EXPECT_EQ(silence(Sound{}.silence(2)), (List{{0, 2}}));
  EXPECT_EQ(silence(Sound{}.silence(0.5), {{"min_duration", "500ms"}}), (List{{0, 0.5}}));
}

TEST(Silence, TheLevelIsMinusSixtyDecibel) {
  EXPECT_EQ(silence(Sound{}.tone(0.00099, 3)), (List{{0, 3}}));
  EXPECT_EQ(silence(Sound{}.tone(0.1, 3)), List{});
  EXPECT_EQ(silence(Sound{}.tone(0.0099, 3), {{"level", "-40"}}), (List{{0, 3}}));
}

TEST(Silence, AChangeOfRateAndChannelsKeepsTheTime) {
  const auto observer = test::configured("silence").make_audio_observer();
  Sound first, second{1, 8000};
  first.tone(0.5, 1).silence(2);
  second.silence(2).tone(0.5, 1);
  first.samples[2 * 48000 - 1] = 0.5F;
  second.samples[16000] = 0.5F;
  const double middle_s = test::play(*observer, first);
  const double end_s = test::play(*observer, second, middle_s);
  EXPECT_EQ(listed(observer->finish(end_s)), (List{{1, 5}}));
}

TEST(Silence, StartsBeforeTheFirstVideoFrameWhenTheSoundDoes) {
  const auto observer = test::configured("silence").make_audio_observer();
  const double end_s = test::play(*observer, Sound{}.silence(3), -0.5);
  EXPECT_EQ(listed(observer->finish(end_s)), (List{{-0.5, 2.5}}));
}

TEST(Silence, WhatIsNoNumberIsNoSilence) {
  auto sound = Sound{}.silence(3);
  for (auto& sample : sound.samples) sample = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(silence(sound), List{});
}

TEST(Silence, IsFoundAtEveryPlaceAndLengthAsBySingleSamples) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    Sound sound{1 + static_cast<int>(random() % 3), 8000};
    const auto wide = static_cast<std::size_t>(sound.channels);
    List expected;
    std::size_t frame = 0;
    for (int run = 0; run < 6; ++run) {
      const std::size_t loud = 1 + random() % 300, quiet = random() % 2000;
      sound.samples.resize(sound.samples.size() + loud * wide, 0.5F);
      sound.samples.resize(sound.samples.size() + quiet * wide, 0.0F);
      const double from_s = static_cast<double>(frame + loud) / 8000;
      frame += loud + quiet;
      if (quiet >= 800) expected.emplace_back(from_s, static_cast<double>(frame) / 8000);
    }
    const std::size_t block = 1 + random() % 700;
    const auto found = silence(sound, {{"min_duration", "100ms"}}, block);
    ASSERT_EQ(found.size(), expected.size()) << round;
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i].first, expected[i].first, 1e-9) << round;
      EXPECT_NEAR(found[i].second, expected[i].second, 1e-9) << round;
    }
  }
}

TEST(Silence, OfASingleSampleIsFoundWhenAskedFor) {
  Sound sound{1, 8000};
  sound.samples = {0.5F, 0.0F, 0.5F, 0.0F, 0.0F, 0.5F};
  EXPECT_EQ(silence(sound, {{"min_duration", "0s"}}).size(), 2u);
}

}  // namespace
}  // namespace reelmill
