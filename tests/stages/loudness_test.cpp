// SPDX-License-Identifier: Apache-2.0
#include <limits>

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

}  // namespace
}  // namespace reelmill
