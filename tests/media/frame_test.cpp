// SPDX-License-Identifier: Apache-2.0
#include "media/frame.h"

#include <cmath>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/libav.h"
#include "tests/media/fixtures.h"

namespace reelmill {
namespace {

using test::decode_video;
using test::generated;
using test::operator+;
using test::pictures;
using test::simple_video;
using testing::Each;
using testing::HasSubstr;
using Arguments = std::vector<std::string>;
using OwnedFrame = Owned<AVFrame, free_frame>;

OwnedFrame new_frame(AVPixelFormat format, int width, int height) {
  OwnedFrame frame(av_frame_alloc());
  frame->format = format;
  frame->width = width;
  frame->height = height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  return frame;
}

/// A limited-range 4:2:0 frame with luma from a function of the position.
template <class Luma>
Frame yuv_frame(int width, int height, Luma luma) {
  auto frame = new_frame(AV_PIX_FMT_YUV420P, width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      frame->data[0][y * frame->linesize[0] + x] = static_cast<std::uint8_t>(luma(x, y));
    }
  }
  for (int plane = 1; plane <= 2; ++plane) {
    std::fill_n(frame->data[plane], frame->linesize[plane] * ((height + 1) / 2), 128);
  }
  return Frame(std::move(frame));
}

/// The frame in another pixel format, converted by swscale.
OwnedFrame converted(const AVFrame& from, AVPixelFormat format) {
  auto to = new_frame(format, from.width, from.height);
  to->color_range = from.color_range;
  SwsContext* context =
      sws_getContext(from.width, from.height, static_cast<AVPixelFormat>(from.format), to->width,
                     to->height, format, SWS_BICUBIC | SWS_ACCURATE_RND, nullptr, nullptr, nullptr);
  if (context == nullptr) return {};
  sws_scale(context, from.data, from.linesize, 0, from.height, to->data, to->linesize);
  sws_freeContext(context);
  return to;
}

std::uint8_t luma_at(const Picture& picture, int x, int y) {
  return picture.samples[static_cast<std::size_t>(y * picture.width + x)];
}

std::size_t bytes_of(int width, int height) {
  return static_cast<std::size_t>(width * height + 2 * ((width + 1) / 2) * ((height + 1) / 2));
}

TEST(Frame, HasALumaInEveryFormatThatLibavCanWrite) {
  // White at code 180 of limited range.
  const auto gray = yuv_frame(98, 54, [](int, int) { return 180; });
  const double level = (180 - 16) * 255.0 / 219;
  int formats = 0;
  for (const AVPixFmtDescriptor* format = nullptr;
       (format = av_pix_fmt_desc_next(format)) != nullptr;) {
    const auto id = av_pix_fmt_desc_get_id(format);
    const bool is_mono = id == AV_PIX_FMT_MONOWHITE || id == AV_PIX_FMT_MONOBLACK;
    if (sws_isSupportedOutput(id) == 0 || sws_isSupportedInput(id) == 0 || is_mono) continue;
    auto other = converted(*gray.get(), id);
    if (other == nullptr) continue;
    Frame frame(std::move(other));
    const auto luma = frame.luma();
    EXPECT_EQ(luma.width, 98) << format->name;
    EXPECT_EQ(luma.height, 54) << format->name;
    const bool is_coarse = format->comp[0].depth < 8;  // rgb4 and the like
    // swscale writes floating-point grey without stretching the range.
    const bool is_float_gray =
        format->nb_components == 1 && (format->flags & AV_PIX_FMT_FLAG_FLOAT) != 0;
    EXPECT_NEAR(compute_frame_features(luma).mean, is_float_gray ? 180 : level, is_coarse ? 40 : 2)
        << format->name;
    ++formats;
  }
  EXPECT_GT(formats, 120);
}

TEST(Frame, ShowsItsLumaPlaneWithoutCopying) {
  for (const auto format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_NV12, AV_PIX_FMT_YUV422P10LE,
                            AV_PIX_FMT_GRAY8, AV_PIX_FMT_YUVA444P, AV_PIX_FMT_P010LE}) {
    Frame frame(new_frame(format, 64, 36));
    const auto luma = frame.luma();
    EXPECT_EQ(luma.data, reinterpret_cast<const std::byte*>(frame.get()->data[0]));
    EXPECT_EQ(luma.stride, frame.get()->linesize[0]);
  }
}

TEST(Frame, HasChromaInEveryFormatWithPlanesOfIt) {
  // Reddish throughout; each format that keeps chroma apart shows the same colours.
  const auto red = new_frame(AV_PIX_FMT_YUV420P, 98, 54);
  for (const auto& [plane, code, height] : {std::array{0, 110, 54}, {1, 90, 27}, {2, 200, 27}})
    std::memset(red.get()->data[plane], code,
                static_cast<std::size_t>(red.get()->linesize[plane] * height));
  for (const auto format :
       {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV410P,
        AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_YUV444P12LE, AV_PIX_FMT_NV12, AV_PIX_FMT_NV21,
        AV_PIX_FMT_P010LE, AV_PIX_FMT_YUVA420P}) {
    const Frame frame(converted(*red.get(), format));
    const auto means = compute_chroma_means(frame.chroma());
    for (std::size_t i = 0; i < means.cb.size(); ++i) {
      EXPECT_NEAR(means.cb[i], 90, 1) << av_get_pix_fmt_name(format);
      EXPECT_NEAR(means.cr[i], 200, 1) << av_get_pix_fmt_name(format);
    }
  }
}

TEST(Frame, IsGreyWhereItsFormatHasNoPlanesOfChroma) {
  for (const auto format : {AV_PIX_FMT_GRAY8, AV_PIX_FMT_RGB24, AV_PIX_FMT_PAL8, AV_PIX_FMT_GBRP,
                            AV_PIX_FMT_YUYV422, AV_PIX_FMT_YA8})
    EXPECT_EQ(compute_chroma_means(Frame(new_frame(format, 32, 18)).chroma()), ChromaMeans{})
        << av_get_pix_fmt_name(format);
}

TEST(Frame, KnowsItsRange) {
  Frame limited(new_frame(AV_PIX_FMT_YUV420P, 16, 16));
  EXPECT_FALSE(limited.luma().is_full_range);
  limited.get()->color_range = AVCOL_RANGE_JPEG;
  EXPECT_TRUE(limited.luma().is_full_range);
  EXPECT_TRUE(Frame(new_frame(AV_PIX_FMT_YUVJ420P, 16, 16)).luma().is_full_range);
  EXPECT_TRUE(Frame(new_frame(AV_PIX_FMT_GRAY8, 16, 16)).luma().is_full_range);
}

TEST(Frame, ReadsAPictureThatIsStoredUpsideDown) {
  auto frame = yuv_frame(64, 36, [](int, int y) { return y < 18 ? 16 : 235; });
  auto* raw = frame.get();
  raw->data[0] += static_cast<std::ptrdiff_t>(raw->linesize[0]) * 35;
  raw->linesize[0] = -raw->linesize[0];
  const auto features = compute_frame_features(frame.luma());
  EXPECT_EQ(features.picture.front(), 255 * 256);
  EXPECT_EQ(features.picture.back(), 0);
}

TEST(Frame, WithoutAPictureIsEmpty) {
  Frame frame;
  EXPECT_TRUE(frame.empty());
  EXPECT_EQ(frame.width(), 0);
  EXPECT_EQ(frame.pts(), std::nullopt);
  EXPECT_EQ(frame.luma().data, nullptr);
  EXPECT_FALSE(frame.scaled(16, 16));
  EXPECT_TRUE(frame.share().empty());
}

TEST(Frame, OfAFormatWithoutLumaThatNobodyKnowsGivesAnEmptyView) {
  auto raw = new_frame(AV_PIX_FMT_YUV420P, 16, 16);
  raw->format = AV_PIX_FMT_VAAPI;
  EXPECT_EQ(Frame(std::move(raw)).luma().width, 0);
}

TEST(Frame, SharesItsPictureBeyondItsOwnEnd) {
  Frame shared;
  {
    const auto original = yuv_frame(64, 36, [](int, int) { return 235; });
    shared = original.share();
    EXPECT_EQ(shared.get()->data[0], original.get()->data[0]);
  }
  EXPECT_EQ(compute_frame_features(shared.luma()).mean, 255.0F);
}

TEST(ScaledFrame, StretchesLimitedRangeToJpegLevels) {
  for (const auto& [code, level] : {std::pair{16, 0}, {235, 255}, {126, 128}}) {
    const auto picture = yuv_frame(320, 180, [c = code](int, int) { return c; }).scaled(64, 36);
    ASSERT_TRUE(picture) << to_string(picture.error());
    ASSERT_EQ(picture->samples.size(), bytes_of(64, 36));
    EXPECT_NEAR(luma_at(*picture, 30, 20), level, 1);
    EXPECT_NEAR(picture->samples.back(), 128, 1);
  }
}

TEST(ScaledFrame, StretchesTenBitsToo) {
  auto raw = new_frame(AV_PIX_FMT_YUV420P10LE, 320, 180);
  for (int plane = 0; plane < 3; ++plane) {
    auto* samples = reinterpret_cast<std::uint16_t*>(raw->data[plane]);
    std::fill_n(samples, raw->linesize[plane] / 2 * (plane == 0 ? 180 : 90),
                plane == 0 ? 940 : 512);
  }
  const auto picture = *Frame(std::move(raw)).scaled(64, 36);
  EXPECT_NEAR(luma_at(picture, 10, 10), 255, 1);
}

TEST(ScaledFrame, AveragesAreasSoThatFineDetailDoesNotAlias) {
  const auto checkers =
      yuv_frame(640, 360, [](int x, int y) { return (x + y) % 2 == 0 ? 16 : 235; });
  const auto picture = *checkers.scaled(64, 36);
  for (int y = 0; y < 36; ++y) {
    for (int x = 0; x < 64; ++x) ASSERT_NEAR(luma_at(picture, x, y), 127, 3);
  }
}

TEST(ScaledFrame, TurnsClockwise) {
  // White in the upper left quarter.
  const auto frame = yuv_frame(320, 160, [](int x, int y) { return x < 160 && y < 80 ? 235 : 16; });
  struct Turned {
    int rotation, width, height, x, y;  // where the white quarter's middle goes
  };
  for (const auto& turned : {Turned{0, 64, 32, 15, 7}, Turned{90, 32, 64, 23, 15},
                             Turned{180, 64, 32, 47, 23}, Turned{270, 32, 64, 7, 47}}) {
    const auto picture = *frame.scaled(turned.width, turned.height, turned.rotation);
    EXPECT_EQ(picture.width, turned.width);
    EXPECT_EQ(picture.height, turned.height);
    int white = 0;
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) white += luma_at(picture, x, y) > 200 ? 1 : 0;
    }
    EXPECT_NEAR(white, 64 * 32 / 4, 60);
    EXPECT_GT(luma_at(picture, turned.x, turned.y), 250) << turned.rotation;
  }
}

TEST(ScaledFrame, LooksLikeWhatFfmpegShows) {
  // The tool turns by the file's matrix on its own; so must we by the rotation that we report.
  for (const char* rotate : {"90", "180", "270"}) {
    const auto path =
        generated("rotate" + std::string(rotate) + ".mp4",
                  Arguments{"-i", simple_video().string(), "-map", "0:v", "-c", "copy",
                            "-metadata:s:v:0", "rotate=" + std::string(rotate)});
    const auto shown = test::read_file(generated(
        "shown" + std::string(rotate) + ".gray",
        Arguments{"-i", path.string(), "-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo"}));
    const auto rotation = probe(path)->streams[0].rotation;
    const bool is_sideways = rotation % 180 != 0;
    auto video = decode_video(path);
    const auto picture =
        *video.frames.at(0).scaled(is_sideways ? 90 : 160, is_sideways ? 160 : 90, rotation);
    ASSERT_EQ(shown.size(), 160U * 90U);
    double difference = 0;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      difference += std::abs(static_cast<unsigned char>(shown[i]) - picture.samples[i]);
    }
    EXPECT_LT(difference / static_cast<double>(shown.size()), 2) << rotate;
  }
}

TEST(ScaledFrame, KeepsTheColoursOfEveryMatrix) {
  // Saturated green, made from RGB by each matrix, must come out as JPEG's green.
  for (const auto& [space, name] : {std::pair{AVCOL_SPC_BT709, SWS_CS_ITU709},
                                    {AVCOL_SPC_SMPTE170M, SWS_CS_ITU601},
                                    {AVCOL_SPC_BT2020_NCL, SWS_CS_BT2020}}) {
    auto green = new_frame(AV_PIX_FMT_RGB24, 64, 36);
    for (int y = 0; y < 36; ++y) {
      for (int x = 0; x < 64; ++x) {
        auto* pixel = green->data[0] + y * green->linesize[0] + 3 * x;
        pixel[0] = 20, pixel[1] = 200, pixel[2] = 40;
      }
    }
    auto yuv = new_frame(AV_PIX_FMT_YUV420P, 64, 36);
    yuv->colorspace = space;
    SwsContext* context = sws_getContext(64, 36, AV_PIX_FMT_RGB24, 64, 36, AV_PIX_FMT_YUV420P,
                                         SWS_BICUBIC | SWS_ACCURATE_RND, nullptr, nullptr, nullptr);
    const int* matrix = sws_getCoefficients(name);
    sws_setColorspaceDetails(context, matrix, 1, matrix, 0, 0, 1 << 16, 1 << 16);
    sws_scale(context, green->data, green->linesize, 0, 36, yuv->data, yuv->linesize);
    sws_freeContext(context);
    const auto picture = *Frame(std::move(yuv)).scaled(16, 8);
    const double y = 0.299 * 20 + 0.587 * 200 + 0.114 * 40;
    EXPECT_NEAR(picture.samples[0], y, 3) << name;
    EXPECT_NEAR(picture.samples[16 * 8], 128 + (40 - y) / 1.772, 3) << name;
    EXPECT_NEAR(picture.samples[16 * 8 + 8 * 4], 128 + (20 - y) / 1.402, 3) << name;
  }
}

TEST(ScaledFrame, WorksForEverySizeFromOnePixelToTheWidest) {
  struct Sizes {
    int width, height, to_width, to_height;
  };
  for (const auto& sizes :
       {Sizes{1, 1, 64, 36}, Sizes{1, 1, 1, 1}, Sizes{3, 5, 1, 1}, Sizes{161, 91, 33, 17},
        Sizes{7, 7, 320, 180}, Sizes{9000, 4, 10, 50}, Sizes{4, 9000, 100, 3}}) {
    const auto picture = yuv_frame(sizes.width, sizes.height, [](int, int) {
                           return 126;
                         }).scaled(sizes.to_width, sizes.to_height);
    ASSERT_TRUE(picture) << to_string(picture.error());
    ASSERT_EQ(picture->samples.size(), bytes_of(sizes.to_width, sizes.to_height));
    const auto luma = static_cast<std::ptrdiff_t>(sizes.to_width) * sizes.to_height;
    EXPECT_THAT(std::vector<int>(picture->samples.begin(), picture->samples.begin() + luma),
                Each(testing::AllOf(testing::Ge(127), testing::Le(129))))
        << sizes.width << "x" << sizes.height;
  }
}

TEST(ScaledFrame, RefusesSizesAndTurnsThatMakeNoSense) {
  const auto frame = yuv_frame(64, 36, [](int, int) { return 16; });
  EXPECT_FALSE(frame.scaled(0, 10));
  EXPECT_FALSE(frame.scaled(10, -1));
  EXPECT_FALSE(frame.scaled(10, 100'000));
  EXPECT_FALSE(frame.scaled(10, 10, 45));
  EXPECT_FALSE(frame.scaled(10, 10, -90));
}

TEST(ScaledFrame, IsTheSameOnEveryThread) {
  auto video = decode_video(simple_video());
  const auto& frame = video.frames.at(7);
  const auto here = *frame.scaled(48, 27);
  std::vector<std::vector<std::uint8_t>> elsewhere(3);
  std::vector<std::jthread> threads;
  for (auto& samples : elsewhere) {
    threads.emplace_back([&samples, own = frame.share()] {
      (void)own.scaled(31, 17);  // other work before must not matter
      samples = own.scaled(48, 27)->samples;
    });
  }
  threads.clear();
  EXPECT_THAT(elsewhere, Each(here.samples));
}

}  // namespace
}  // namespace reelmill
