// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <random>

#include <ebur128.h>
#include <gtest/gtest.h>

#include "tests/support/scan.h"
#include "tests/support/sound.h"

namespace reelmill {
namespace {

using test::Sound;
using Options = std::vector<std::pair<std::string, std::string>>;

Json loudness(const std::vector<Sound>& parts, const Options& options = {}) {
  const auto observer = test::configured("loudness", options).make_audio_observer();
  double end_s = 0;
  for (const auto& part : parts) end_s = test::play(*observer, part, end_s);
  return *observer->finish(end_s).find("loudness");
}

TEST(Loudness, WithoutSoundIsNull) {
  EXPECT_TRUE(loudness({}).is_null());
}

TEST(Loudness, SilenceAndWhatIsTooShortHaveNoValue) {
  for (const auto& sound : {Sound{}.silence(5), Sound{}.tone(0.5, 0.3)}) {
    const auto found = loudness({sound});
    EXPECT_TRUE(found["integrated_lufs"].is_null());
    EXPECT_TRUE(found["range_lu"].is_null());
    EXPECT_TRUE(found["true_peak_dbtp"].is_null());
  }
}

// EBU Tech 3341, minimum requirements, case 1: a stereo sine of -23 dBFS measures -23 LUFS.
TEST(Loudness, AStereoToneAtMinus23DecibelMeasuresMinus23) {
  const auto found = loudness({Sound{}.tone(std::pow(10, -23.0 / 20), 20)});
  EXPECT_NEAR(found["integrated_lufs"].get<double>(), -23, 0.1);
  EXPECT_NEAR(found["range_lu"].get<double>(), 0, 0.1);
}

// EBU Tech 3342, case 1: 20 s at -20 dBFS and 20 s at -30 dBFS have a range of 10 LU.
TEST(Loudness, TheRangeOfTwoLevelsIsTheirDifference) {
  const auto found =
      loudness({Sound{}.tone(std::pow(10, -20.0 / 20), 20).tone(std::pow(10, -30.0 / 20), 20)});
  EXPECT_NEAR(found["range_lu"].get<double>(), 10, 1);
}

TEST(Loudness, TheRangeNeedsThreeSeconds) {
  EXPECT_TRUE(loudness({Sound{}.tone(0.5, 2.9)})["range_lu"].is_null());
  EXPECT_FALSE(loudness({Sound{}.tone(0.5, 3.1)})["range_lu"].is_null());
}

TEST(Loudness, TruePeakIsMeasuredOnRequest) {
  const auto sound = Sound{}.tone(0.5, 5);
  EXPECT_TRUE(loudness({sound})["true_peak_dbtp"].is_null());
  EXPECT_NEAR(loudness({sound}, {{"true_peak", "true"}})["true_peak_dbtp"].get<double>(), -6.02,
              0.1);
}

TEST(Loudness, PartsOfDifferentRatesAreGatedAsOne) {
  const double amplitude = std::pow(10, -23.0 / 20);
  const auto found = loudness({Sound{}.tone(amplitude, 10), Sound{2, 44100}.tone(amplitude, 10)});
  EXPECT_NEAR(found["integrated_lufs"].get<double>(), -23, 0.1);
}

TEST(Loudness, EveryChannelCountIsMeasured) {
  for (const int channels : {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 24}) {
    const auto found = loudness({Sound{channels, 48000}.tone(0.1, 4)});
    EXPECT_TRUE(found["integrated_lufs"].is_number()) << channels << " channels";
  }
}

TEST(Loudness, OfUnknownLayoutsEveryChannelIsHeard) {
  Sound sound{24, 48000};
  sound.silence(4);
  const auto tone = Sound{1, 48000}.tone(0.1, 4);
  for (std::size_t i = 0; i < tone.samples.size(); ++i)
    sound.samples[24 * i + 20] = tone.samples[i];
  EXPECT_NEAR(loudness({sound})["integrated_lufs"].get<double>(), -23, 0.1);
}

TEST(Loudness, TheBassEffectsChannelIsNotHeard) {
  Sound sound{8, 48000};
  sound.silence(4);
  const auto tone = Sound{1, 48000}.tone(0.1, 4);
  for (std::size_t i = 0; i < tone.samples.size(); ++i) sound.samples[8 * i + 3] = tone.samples[i];
  EXPECT_TRUE(loudness({sound})["integrated_lufs"].is_null());
}

TEST(Loudness, WhatTheMeterRefusesIsAWarning) {
  const auto observer = test::configured("loudness").make_audio_observer();
  const auto sound = Sound{1, 8}.tone(0.5, 100);
  const auto findings = observer->finish(test::play(*observer, sound));
  EXPECT_TRUE(findings.find("loudness")->is_null());
  ASSERT_EQ(findings.warnings().size(), 1u);
  EXPECT_EQ(findings.warnings()[0].message,
            "loudness: sound with 1 channels at 8 Hz cannot be measured");
}

TEST(Loudness, ASampleThatIsNoNumberDoesNotSpoilTheRest) {
  auto sound = Sound{}.tone(std::pow(10, -23.0 / 20), 20);
  sound.samples[1000] = std::numeric_limits<float>::quiet_NaN();
  sound.samples[5000] = std::numeric_limits<float>::infinity();
  EXPECT_NEAR(loudness({sound})["integrated_lufs"].get<double>(), -23, 0.1);
}

struct Measured {
  double integrated = 0, range = 0;
};

Measured by_libebur128(const Sound& sound) {
  auto* state =
      ebur128_init(static_cast<unsigned>(sound.channels), static_cast<unsigned long>(sound.rate),
                   EBUR128_MODE_I | EBUR128_MODE_LRA);
  const auto frames = sound.samples.size() / static_cast<std::size_t>(sound.channels);
  ebur128_add_frames_float(state, sound.samples.data(), frames);
  Measured measured;
  ebur128_loudness_global(state, &measured.integrated);
  ebur128_loudness_range(state, &measured.range);
  ebur128_destroy(&state);
  return measured;
}

/// Coloured noise whose level walks up and down, with rests: a different walk on each channel.
Sound programme(int channels, int rate, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> level(-60, -3), noise(-1, 1);
  Sound sound{channels, rate};
  const auto wide = static_cast<std::size_t>(channels);
  std::vector<double> low(wide, 0);
  for (int stretch = 0; stretch < 12; ++stretch) {
    const double amplitude = random() % 6 == 0 ? 0 : std::pow(10, level(random) / 20);
    const double brightness = 0.02 + 0.98 * (noise(random) + 1) / 2;
    const auto frames = static_cast<std::size_t>(rate) * (1 + random() % 4) / 2;
    for (std::size_t i = 0; i < frames; ++i) {
      for (auto& value : low) {
        value += brightness * (amplitude * noise(random) - value);
        sound.samples.push_back(static_cast<float>(value));
      }
    }
  }
  return sound;
}

TEST(Loudness, AgreesWithLibebur128OnRandomProgrammes) {
  unsigned seed = 1;
  for (const int channels : {1, 2, 3, 4, 5, 6}) {
    for (const int rate : {8000, 22050, 44100, 48000, 96000}) {
      const auto sound = programme(channels, rate, ++seed);
      const auto expected = by_libebur128(sound);
      const auto found = loudness({sound});
      const auto what = std::to_string(channels) + " channels at " + std::to_string(rate) +
                        " Hz, seed " + std::to_string(seed);
      // A tenth would do; both compute the same, so only the last printed digit may differ.
      EXPECT_NEAR(found["integrated_lufs"].get<double>(), expected.integrated, 0.011) << what;
      EXPECT_NEAR(found["range_lu"].get<double>(), expected.range, 0.011) << what;
    }
  }
}

TEST(Loudness, DoesNotDependOnTheSizeOfBlocks) {
  const auto sound = programme(2, 44100, 99);
  const auto measured = [&](std::size_t block_frames) {
    const auto observer = test::configured("loudness").make_audio_observer();
    return observer->finish(test::play(*observer, sound, 0, block_frames)).find("loudness")->dump();
  };
  const auto expected = measured(1024);
  for (const std::size_t block : {1, 7, 4409, 4410, 4411, 1'000'000})
    EXPECT_EQ(measured(block), expected) << block;
}

}  // namespace
}  // namespace reelmill
