// SPDX-License-Identifier: Apache-2.0
#include "media/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/decode_log.h"
#include "media/pixel_aspect.h"
#include "tests/media/fixtures.h"

namespace reelmill {
namespace {

using test::decode_video;
using test::fixtures;
using test::generated;
using test::operator+;
using test::pictures;
using test::simple_video;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Arguments = std::vector<std::string>;

TEST(Decoder, GivesEveryFrameInOutputOrderAndDrainsTheLast) {
  const auto video = decode_video(simple_video());
  EXPECT_THAT(video.errors, IsEmpty());
  ASSERT_EQ(video.frames.size(), 50U);
  std::int64_t expected = 0;
  for (const auto& frame : video.frames) {
    ASSERT_EQ(frame.pts(), expected);
    ASSERT_EQ(frame.duration(), 512);  // 1/25 s of 1/12800 s
    EXPECT_FALSE(frame.is_corrupt());
    EXPECT_FALSE(frame.is_interlaced());
    expected += 512;
  }
  EXPECT_TRUE(video.frames[0].is_key());
  EXPECT_FALSE(video.frames[1].is_key());
  EXPECT_TRUE(video.frames[10].is_key());
  EXPECT_EQ(video.frames[0].width(), 160);
  EXPECT_EQ(video.frames[0].height(), 90);
}

TEST(Decoder, CountsTheCpuTimeOfThisThread) {
  const auto video = decode_video(simple_video());
  EXPECT_GT(video.cpu_seconds, 0.0005);
  EXPECT_LT(video.cpu_seconds, 30);
}

TEST(Decoder, LeavesOutWhatItWasToldTo) {
  const auto keys = decode_video(simple_video(), {.skip = DecodeSkip::non_key});
  EXPECT_EQ(keys.frames.size(), 5U);
  for (const auto& frame : keys.frames) EXPECT_TRUE(frame.is_key());
  const auto references = decode_video(simple_video(), {.skip = DecodeSkip::non_reference});
  EXPECT_GT(references.frames.size(), 5U);
  EXPECT_LT(references.frames.size(), 50U);
}

TEST(Decoder, RefusesFramesOfMorePixelsThanAllowed) {
  const auto video = decode_video(simple_video(), {.max_pixels = 100 * 100});
  EXPECT_THAT(video.frames, IsEmpty());
  EXPECT_THAT(video.errors, Not(IsEmpty()));
}

TEST(Decoder, FollowsASizeThatChangesInMidStream) {
  std::string joined;
  for (const char* size : {"160x90", "320x180"}) {
    const auto part = generated("part" + std::string(size) + ".ts",
                                pictures("rate=25:duration=1:size=" + std::string(size)) +
                                    Arguments{"-c:v", "libx264", "-preset", "ultrafast"});
    joined += test::read_file(part);
  }
  const auto video = decode_video(fixtures().write("growing.ts", joined));
  EXPECT_THAT(video.errors, IsEmpty());
  ASSERT_EQ(video.frames.size(), 50U);
  EXPECT_EQ(video.frames.front().width(), 160);
  EXPECT_EQ(video.frames.back().width(), 320);
  EXPECT_EQ(video.frames.back().height(), 180);
}

TEST(Decoder, ShowsNothingOfWhatTheEditListCutsOff) {
  // Copied from 1 s on without decoding: packets from the key frame at 0.8 s on, of which the
  // edit list hides the first five.
  const auto path = generated("trimmed.mp4", Arguments{"-ss", "1", "-i", simple_video().string(),
                                                       "-map", "0:v", "-c", "copy"});
  auto demuxer = *Demuxer::open(path);
  const auto first = *demuxer->read();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->is_discarded);
  const auto video = decode_video(path);
  EXPECT_THAT(video.errors, IsEmpty());
  EXPECT_EQ(video.frames.size(), 25U);
  EXPECT_EQ(video.frames.front().pts(), 0);
}

TEST(Decoder, TellsTheShapeOfPixelsByTheContainerFirst) {
  const auto aspect_of = [](const std::filesystem::path& path) {
    return pixel_aspect(decode_video(path).frames.at(0)).value();
  };
  EXPECT_EQ(aspect_of(simple_video()), 1);
  const Arguments source = {"-f", "lavfi", "-i", "testsrc2=size=160x120:rate=5:duration=1"};
  const Arguments encoder = {"-c:v", "libx264", "-pix_fmt", "yuv420p"};
  const auto in_stream = generated("sar_2.ts", source + Arguments{"-vf", "setsar=2"} + encoder);
  EXPECT_EQ(aspect_of(in_stream), 2);
  const auto in_container =
      generated("sar_1.5.mkv", Arguments{"-i", in_stream.string(), "-c", "copy", "-aspect", "2"});
  EXPECT_EQ(aspect_of(in_container), 1.5);
  const auto absurd =
      generated("sar_absurd.mp4", source + Arguments{"-vf", "setsar=1/200"} + encoder);
  EXPECT_EQ(aspect_of(absurd), 1);
}

TEST(Decoder, GoesOnAfterDamage) {
  auto bytes = test::read_file(simple_video());
  const auto middle = bytes.find("mdat") + 20'000;
  for (std::size_t i = middle; i < middle + 2000; i += 3) bytes[i] ^= 0x55;
  const auto path = fixtures().write("damaged.mp4", bytes);
  const DecodeLog log;
  const auto video = decode_video(path);
  EXPECT_GT(video.frames.size(), 25U);
  const bool has_corrupt = std::any_of(video.frames.begin(), video.frames.end(),
                                       [](const Frame& frame) { return frame.is_corrupt(); });
  EXPECT_TRUE(has_corrupt || log.count() > 0 || !video.errors.empty());
  EXPECT_FALSE(video.frames.back().is_corrupt());
}

TEST(Decoder, IsToldByTheContainerThatAPacketIsCorrupt) {
  auto bytes = test::read_file(
      generated("whole.ts", pictures() + Arguments{"-c:v", "mpeg2video", "-g", "10"}));
  // Every third byte, so that transport packets lose their sync bytes: libav only warns of it.
  for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 2000; i += 3) bytes[i] ^= 0x55;
  auto demuxer = *Demuxer::open(fixtures().write("damaged.ts", bytes));
  int corrupt = 0;
  for (;;) {
    const auto packet = *demuxer->read();
    if (!packet) break;
    if (packet->is_corrupt) ++corrupt;
  }
  EXPECT_GT(corrupt, 0);
}

TEST(Decoder, SaysWhichCodecItDoesNotKnow) {
  auto bytes = test::read_file(simple_video());
  bytes.replace(bytes.find("avc1", bytes.find("stsd")), 4, "zzzz");
  const auto video = decode_video(fixtures().write("unknown.mp4", bytes));
  ASSERT_EQ(video.errors.size(), 1U);
  EXPECT_EQ(video.errors[0],
            "decode unknown.mp4: stream 0: no decoder for codec unknown (tag zzzz)");
}

TEST(Decoder, RefusesAStreamThatIsNoVideo) {
  const auto demuxer = *Demuxer::open(simple_video());
  EXPECT_EQ(Decoder::open(*demuxer, 1).error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(Decoder::open(*demuxer, 9).error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(Decoder::open(*demuxer, -1).error().kind, ErrorKind::invalid_input);
}

TEST(Decoder, MayBeDrainedTwice) {
  const auto demuxer = *Demuxer::open(simple_video());
  const auto decoder = *Decoder::open(*demuxer, 0);
  EXPECT_TRUE(decoder->send(nullptr));
  EXPECT_TRUE(decoder->send(nullptr));
  EXPECT_FALSE(*decoder->receive());
}

struct Format {
  const char* name;
  Arguments how;
  int bits;
};

void PrintTo(const Format& format, std::ostream* out) {
  *out << format.name;
}

class DecoderOfFormat : public testing::TestWithParam<Format> {};

TEST_P(DecoderOfFormat, GivesFramesWithALumaPlane) {
  const auto& format = GetParam();
  const auto path = generated(
      "format_" + std::string(format.name) + ".mkv",
      pictures("size=160x90:rate=25:duration=0.2") + Arguments{"-vf", "scale=161:91"} + format.how);
  auto video = decode_video(path);
  EXPECT_THAT(video.errors, IsEmpty());
  ASSERT_EQ(video.frames.size(), 5U);
  const auto luma = video.frames[0].luma();
  EXPECT_EQ(luma.width, 161);
  EXPECT_EQ(luma.height, 91);
  EXPECT_EQ(luma.bit_depth, format.bits);
  // The test pattern's mean is the same in every format.
  EXPECT_NEAR(compute_frame_features(luma).mean, 104.8, 1.5);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, DecoderOfFormat,
    testing::Values(
        Format{"rgb", {"-c:v", "libx264rgb", "-qp", "0", "-preset", "ultrafast"}, 8},
        Format{"hevc10",
               {"-c:v", "libx265", "-pix_fmt", "yuv444p10le", "-x265-params", "log-level=none"},
               10},
        Format{"hevc12",
               {"-c:v", "libx265", "-pix_fmt", "yuv444p12le", "-x265-params", "log-level=none"},
               12},
        Format{"ffv1_16", {"-c:v", "ffv1", "-pix_fmt", "gray16le"}, 16},
        Format{"alpha", {"-c:v", "ffv1", "-pix_fmt", "yuva420p"}, 8},
        Format{"packed", {"-c:v", "rawvideo", "-pix_fmt", "yuyv422"}, 8},
        Format{"rgba", {"-c:v", "png", "-pix_fmt", "rgba"}, 8},
        Format{"palette", {"-c:v", "png", "-pix_fmt", "pal8"}, 8},
        Format{"jpeg", {"-c:v", "mjpeg", "-q:v", "2"}, 8},
        Format{"vp9", {"-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime"}, 8},
        Format{"prores", {"-c:v", "prores_ks"}, 10}),
    [](const auto& format) { return format.param.name; });

}  // namespace
}  // namespace reelmill
