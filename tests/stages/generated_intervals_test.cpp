// SPDX-License-Identifier: Apache-2.0
// Stretches with known bounds, made from seeds and written to files, as the detectors find them.
#include <cmath>
#include <fstream>
#include <numbers>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/scan.h"
#include "tests/support/temp_folder.h"

namespace reelmill {
namespace {

constexpr int kStretches = 68;
constexpr unsigned kSeed = 20240305;

class GeneratedIntervals : public testing::Test {
 protected:
  int pick(int from, int to) { return std::uniform_int_distribution(from, to)(random_); }
  std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }

  std::mt19937 random_{kSeed};
  test::TempFolder folder_;
};

/// An uncompressed film, 25 frames a second, limited range.
class Film {
 public:
  static constexpr int kWidth = 128, kHeight = 72;
  explicit Film(const std::filesystem::path& path) : file_(path, std::ios::binary) {
    file_ << "YUV4MPEG2 W" << kWidth << " H" << kHeight << " F25:1 Ip C420\n";
  }
  template <class Luma>  // int(int x, int y)
  void add(Luma luma) {
    std::string frame = "FRAME\n";
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x) frame += static_cast<char>(luma(x, y));
    frame.append(std::size_t{kWidth} * kHeight / 2, static_cast<char>(128));
    file_ << frame;
    ++frames_;
  }
  double now_s() const { return frames_ / 25.0; }

 private:
  std::ofstream file_;
  int frames_ = 0;
};

int moving_picture(int x, int y, int step) {
  return 120 + static_cast<int>(60 * std::sin((x + 5 * step) * 0.11) * std::cos(y * 0.13));
}

/// Stereo sound, 48 kHz, 16 bits.
class Sound {
 public:
  static constexpr int kRate = 48'000;
  template <class Sample>  // double(std::size_t index), -1 to 1
  void add(int samples, Sample sample) {
    for (int i = 0; i < samples; ++i, ++length_) {
      const auto value = static_cast<std::int16_t>(std::lround(32767 * sample(length_)));
      for (int channel = 0; channel < 2; ++channel) {
        samples_ += static_cast<char>(value & 0xFF);
        samples_ += static_cast<char>(value >> 8);
      }
    }
  }
  double now_s() const { return static_cast<double>(length_) / kRate; }

  void write(const std::filesystem::path& path) const {
    std::ofstream file(path, std::ios::binary);
    const auto number = [&](std::uint32_t value, int bytes) {
      for (int i = 0; i < bytes; ++i) file.put(static_cast<char>(value >> (8 * i)));
    };
    const auto bytes = static_cast<std::uint32_t>(samples_.size());
    file << "RIFF";
    number(36 + bytes, 4);
    file << "WAVEfmt ";
    number(16, 4), number(1, 2), number(2, 2), number(kRate, 4), number(kRate * 4, 4);
    number(4, 2), number(16, 2);
    file << "data";
    number(bytes, 4);
    file << samples_;
  }

 private:
  std::size_t length_ = 0;
  std::string samples_;
};

double tone(std::size_t index, double hertz, double decibels) {
  return std::pow(10, decibels / 20) *
         std::sin(2 * std::numbers::pi * hertz * static_cast<double>(index) / Sound::kRate);
}

void expect_same(const Json& found, const std::vector<Interval>& truth, double tolerance_s) {
  ASSERT_EQ(found.size(), truth.size()) << "seed " << kSeed;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(found[i]["start_s"].get<double>(), truth[i].start_s, tolerance_s) << i;
    EXPECT_NEAR(found[i]["end_s"].get<double>(), truth[i].end_s, tolerance_s) << i;
  }
}

Json found_in_film(const std::filesystem::path& path, const std::string& stage,
                   const std::vector<std::pair<std::string, std::string>>& options) {
  const auto video = test::scan_video(path);
  const auto found = test::configured(stage, options).detector->detect(*video.timeline);
  EXPECT_TRUE(found);
  return found ? *found->find(stage) : Json();
}

Findings heard_in(const std::filesystem::path& path, const StageParts& stage) {
  const auto sound = test::scan_video(path, stage);
  return sound.audio_observer->finish(sound.audio_end_s);
}

TEST_F(GeneratedIntervals, BlackIsFoundToTheFrame) {
  std::vector<Interval> black;
  {
    Film film(file("black.y4m"));
    for (int i = 0; i < kStretches; ++i) {
      // Every fourth is too short to report; noise makes black a little less than black.
      const int frames = i % 4 == 3 ? 2 : pick(3, 30);
      for (int k = pick(2, 20); k > 0; --k)
        film.add([&](int x, int y) { return moving_picture(x, y, k); });
      const double start_s = film.now_s();
      for (int k = 0; k < frames; ++k) film.add([&](int, int) { return pick(16, 30); });
      if (frames > 2) black.push_back({start_s, film.now_s()});
    }
    film.add([&](int x, int y) { return moving_picture(x, y, 0); });
  }
  expect_same(found_in_film(file("black.y4m"), "black", {}), black, 1e-9);
  EXPECT_GE(black.size(), 50u);
}

TEST_F(GeneratedIntervals, AFreezeIsFoundToTheFrame) {
  std::vector<Interval> frozen;
  int step = 0;
  {
    Film film(file("freeze.y4m"));
    const auto show = [&] { film.add([&](int x, int y) { return moving_picture(x, y, step); }); };
    for (int i = 0; i < kStretches; ++i) {
      for (int k = pick(2, 20); k > 0; --k, ++step) show();
      const double start_s = film.now_s();
      // One frame in each stretch has a sample that is one code off.
      const int frames = pick(13, 50);
      for (int k = 0; k < frames; ++k)
        film.add([&](int x, int y) {
          return moving_picture(x, y, step) + (k == 7 && x == 5 && y == 5 ? 1 : 0);
        });
      ++step;
      frozen.push_back({start_s, film.now_s()});
    }
    show();
  }
  expect_same(found_in_film(file("freeze.y4m"), "freeze", {{"min_duration", "500ms"}}), frozen,
              1e-9);
}

TEST_F(GeneratedIntervals, SilenceIsFoundToTheMillisecond) {
  Sound sound;
  std::vector<Interval> silent;
  for (int i = 0; i < kStretches; ++i) {
    const double level = -pick(3, 40), hertz = pick(200, 4000);
    sound.add(pick(4000, 30'000), [&](std::size_t at) { return tone(at, hertz, level); });
    const double start_s = sound.now_s();
    // Noise of at most -63 dB is silence.
    const bool is_long = i % 4 != 3;
    sound.add(is_long ? pick(10'000, 40'000) : pick(1000, 9000),
              [&](std::size_t) { return pick(-22, 22) / 32767.0; });
    if (is_long) silent.push_back({start_s, sound.now_s()});
  }
  sound.add(5000, [&](std::size_t at) { return tone(at, 1000, -10); });
  sound.write(file("silence.wav"));
  const auto found =
      heard_in(file("silence.wav"), test::configured("silence", {{"min_duration", "200ms"}}));
  expect_same(*found.find("silence"), silent, 1e-3);
  EXPECT_GE(silent.size(), 50u);
}

TEST_F(GeneratedIntervals, LoudnessIsThatOfTheToneWithinATenth) {
  // A tone of 1 kHz in both channels is as many LUFS as its peak is dBFS: EBU Tech 3341, case 1.
  const auto stage = test::configured("loudness");
  for (int i = 0; i < kStretches; ++i) {
    const double level = -pick(30, 500) / 10.0;
    Sound sound;
    sound.add(pick(30'000, 90'000), [&](std::size_t at) { return tone(at, 1000, level); });
    sound.write(file("tone.wav"));
    const auto found = heard_in(file("tone.wav"), stage);
    EXPECT_NEAR((*found.find("loudness"))["integrated_lufs"].get<double>(), level, 0.1) << i;
  }
}

}  // namespace
}  // namespace reelmill
