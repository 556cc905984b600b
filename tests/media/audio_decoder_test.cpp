// SPDX-License-Identifier: Apache-2.0
#include "media/audio_decoder.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/decode_log.h"
#include "tests/media/fixtures.h"

namespace reelmill {
namespace {

using test::fixtures;
using test::generated;
using test::operator+;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Arguments = std::vector<std::string>;

struct Block {
  int channels = 0, sample_rate = 0;
  std::optional<std::int64_t> pts;
  std::vector<float> samples;
};

struct Sound {
  std::vector<Block> blocks;
  std::vector<std::string> errors;
  double cpu_seconds = 0;

  std::size_t frames() const {
    std::size_t sum = 0;
    for (const auto& block : blocks) {
      sum += block.samples.size() / static_cast<std::size_t>(block.channels);
    }
    return sum;
  }
  /// Of channel `channel`.
  double rms(int channel) const {
    double sum = 0, count = 0;
    for (const auto& block : blocks) {
      for (auto i = static_cast<std::size_t>(channel); i < block.samples.size();
           i += static_cast<std::size_t>(block.channels)) {
        sum += double{block.samples[i]} * block.samples[i];
        ++count;
      }
    }
    return std::sqrt(sum / count);
  }
};

Sound decode_sound(const std::filesystem::path& path) {
  Sound sound;
  auto demuxer = Demuxer::open(path);
  if (!demuxer) return {{}, {demuxer.error().message}, 0};
  const auto stream = choose_audio_stream((*demuxer)->info());
  (*demuxer)->select({stream.value_or(-1)});
  auto decoder = AudioDecoder::open(**demuxer, stream.value_or(-1));
  if (!decoder) return {{}, {decoder.error().message}, 0};
  const auto sink = [&](const AudioView& view) {
    sound.blocks.push_back(
        {view.channels, view.sample_rate, view.pts, {view.samples.begin(), view.samples.end()}});
  };
  const auto decode = [&](const Packet* packet) {
    if (const auto status = (*decoder)->decode(packet, sink); !status) {
      sound.errors.push_back(status.error().message);
    }
  };
  for (;;) {
    const auto packet = (*demuxer)->read();
    if (!packet) sound.errors.push_back(packet.error().message);
    if (!packet || !*packet) break;
    decode(&**packet);
  }
  decode(nullptr);
  sound.cpu_seconds = (*decoder)->cpu_seconds();
  return sound;
}

struct Codec {
  std::string name, file;
  Arguments how;
  double tolerance;
};

void PrintTo(const Codec& codec, std::ostream* out) {
  *out << codec.name;
}

class AudioDecoderOf : public testing::TestWithParam<Codec> {};

TEST_P(AudioDecoderOf, GivesInterleavedFloatsAtItsOwnRate) {
  // A sine of amplitude 1/2 on the left, of 1/4 on the right.
  const auto& codec = GetParam();
  const auto path = generated(
      codec.file, Arguments{"-f", "lavfi", "-i",
                            "aevalsrc=0.5*sin(2*PI*440*t)|0.25*sin(2*PI*880*t):s=32000:d=1"} +
                      codec.how);
  const auto sound = decode_sound(path);
  EXPECT_THAT(sound.errors, IsEmpty());
  ASSERT_FALSE(sound.blocks.empty());
  EXPECT_EQ(sound.blocks[0].channels, 2);
  EXPECT_EQ(sound.blocks[0].sample_rate, 32000);
  EXPECT_TRUE(sound.blocks[0].pts);
  EXPECT_NEAR(static_cast<double>(sound.frames()), 32000, 4000);
  EXPECT_NEAR(sound.rms(0), 0.5 / std::sqrt(2), codec.tolerance);
  EXPECT_NEAR(sound.rms(1), 0.25 / std::sqrt(2), codec.tolerance);
  EXPECT_GT(sound.cpu_seconds, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Codecs, AudioDecoderOf,
    testing::Values(Codec{"U8", "u8.wav", {"-c:a", "pcm_u8"}, 0.01},
                    Codec{"S16", "s16.wav", {"-c:a", "pcm_s16le"}, 0.0001},
                    Codec{"S24", "s24.wav", {"-c:a", "pcm_s24le"}, 0.0001},
                    Codec{"S32", "s32.wav", {"-c:a", "pcm_s32le"}, 0.0001},
                    Codec{"Float", "f32.wav", {"-c:a", "pcm_f32le"}, 0.0001},
                    Codec{"Double", "f64.wav", {"-c:a", "pcm_f64le"}, 0.0001},
                    Codec{"Flac", "flac.flac", {"-c:a", "flac"}, 0.0001},
                    Codec{"PlanarFloat", "aac.mp4", {"-c:a", "aac"}, 0.01},
                    Codec{
                        "PlanarShort", "alac.mp4", {"-c:a", "alac", "-sample_fmt", "s16p"}, 0.001},
                    Codec{"Mp3", "mp3.mp3", {"-c:a", "libmp3lame"}, 0.03}),
    [](const auto& codec) { return codec.param.name; });

TEST(AudioDecoder, KeepsTheOrderOfManyChannels) {
  const auto path =
      generated("six.wav", Arguments{"-f", "lavfi", "-i",
                                     "aevalsrc=0.1|0.2|0.3|0.4|0.5|0.6:c=5.1:s=8000:d=0.5", "-c:a",
                                     "pcm_s16le"});
  const auto sound = decode_sound(path);
  ASSERT_FALSE(sound.blocks.empty());
  ASSERT_EQ(sound.blocks[0].channels, 6);
  EXPECT_EQ(sound.frames(), 4000U);
  for (int channel = 0; channel < 6; ++channel) {
    EXPECT_NEAR(sound.rms(channel), 0.1 * (channel + 1), 0.001);
  }
}

TEST(AudioDecoder, FollowsARateAndLayoutThatChangeInMidStream) {
  std::string joined;
  for (const auto& [rate, channels] : {std::pair{"44100", "1"}, std::pair{"48000", "2"}}) {
    joined +=
        test::read_file(generated("part" + std::string(rate) + ".aac",
                                  Arguments{"-f", "lavfi", "-i", "sine=duration=1", "-ar", rate,
                                            "-ac", channels, "-c:a", "aac", "-f", "adts"}));
  }
  const auto sound = decode_sound(fixtures().write("changing.aac", joined));
  ASSERT_GT(sound.blocks.size(), 40U);
  EXPECT_EQ(sound.blocks.front().channels, 1);
  EXPECT_EQ(sound.blocks.front().sample_rate, 44100);
  EXPECT_EQ(sound.blocks.back().channels, 2);
  EXPECT_EQ(sound.blocks.back().sample_rate, 48000);
}

TEST(AudioDecoder, RefusesAnAbsurdNumberOfChannels) {
  auto bytes = test::read_file(
      generated("plain.wav", Arguments{"-f", "lavfi", "-i", "sine=duration=1:sample_rate=8000"}));
  const auto format = bytes.find("fmt ") + 8;
  bytes.replace(format + 2, 2, std::string("\x64\x00", 2));   // 100 channels
  bytes.replace(format + 12, 2, std::string("\xC8\x00", 2));  // block align 200
  const auto sound = decode_sound(fixtures().write("hundred.wav", bytes));
  EXPECT_THAT(sound.blocks, IsEmpty());
  ASSERT_THAT(sound.errors, Not(IsEmpty()));
  EXPECT_THAT(sound.errors[0], HasSubstr("100 channels (1 to 64 are possible)"));
}

TEST(AudioDecoder, RefusesAnAbsurdSampleRate) {
  auto bytes = test::read_file(
      generated("plain.wav", Arguments{"-f", "lavfi", "-i", "sine=duration=1:sample_rate=8000"}));
  bytes.replace(bytes.find("fmt ") + 8 + 4, 4, "\xFF\xFF\xFF\x7F");
  const auto sound = decode_sound(fixtures().write("fast.wav", bytes));
  EXPECT_THAT(sound.blocks, IsEmpty());
  ASSERT_THAT(sound.errors, Not(IsEmpty()));
  EXPECT_THAT(sound.errors[0], HasSubstr("sample rate 2147483647 Hz"));
}

TEST(AudioDecoder, GoesOnAfterADamagedPacket) {
  auto bytes = test::read_file(generated(
      "long.mp3", Arguments{"-f", "lavfi", "-i", "sine=duration=3", "-c:a", "libmp3lame"}));
  for (std::size_t i = bytes.size() / 3; i < bytes.size() / 3 + 800; ++i) bytes[i] = '\x5a';
  const DecodeLog quiet;
  const auto sound = decode_sound(fixtures().write("damaged.mp3", bytes));
  EXPECT_GT(sound.frames(), 44100U * 2);
}

TEST(AudioDecoder, RefusesAStreamThatIsNoSound) {
  const auto demuxer = *Demuxer::open(test::simple_video());
  EXPECT_EQ(AudioDecoder::open(*demuxer, 0).error().kind, ErrorKind::invalid_input);
}

}  // namespace
}  // namespace reelmill
