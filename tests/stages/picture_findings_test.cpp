// SPDX-License-Identifier: Apache-2.0
// Combs, bars around the picture, and colour bars, in media made by FFmpeg.
#include <gtest/gtest.h>

#include "stages/analyze/color_bars.h"
#include "stages/analyze/crop.h"
#include "stages/analyze/interlacing.h"
#include "tests/media/fixtures.h"
#include "tests/support/scan.h"
#include "tests/support/synthetic_frame.h"

namespace reelmill {
namespace {

using Arguments = std::vector<std::string>;

std::filesystem::path clip(const std::string& name, const std::string& source,
                           const std::string& filter, Arguments encoder = {}) {
  if (encoder.empty()) encoder = {"-c:v", "libx264", "-preset", "ultrafast", "-g", "12"};
  Arguments all = {"-f", "lavfi", "-i", source, "-vf", filter, "-pix_fmt", "yuv420p"};
  all.insert(all.end(), encoder.begin(), encoder.end());
  return test::generated(name, all);
}

Json found_in(const std::string& stage, const std::filesystem::path& path, double segment_s = 0) {
  const auto parts = test::configured(stage);
  const auto video = test::scan_video(path, parts, segment_s);
  if (segment_s > 0) {
    EXPECT_GT(video.segments, 1);
  }
  if (parts.detector) return *parts.detector->detect(*video.timeline).value().find(stage);
  return *video.frame_observer->finish().find(stage);
}

// All of it moves, so that every frame that is looked at has combs.
constexpr const char* kMoving = "testsrc2=size=640x360:rate=50:duration=6,scroll=horizontal=0.01";

TEST(Interlacing, CombsOfInterlacedVideoAreFound) {
  const auto path =
      clip("interlaced.mp4", kMoving, "tinterlace=interleave_top,setfield=tff",
           {"-c:v", "libx264", "-preset", "ultrafast", "-flags", "+ildct+ilme", "-g", "12"});
  const auto found = found_in("interlacing", path);
  EXPECT_EQ(found["is_interlaced"], true) << found;
  EXPECT_GE(found["combed_share"].get<double>(), 0.8);
  EXPECT_EQ(found["flagged_share"], 1.0);
  EXPECT_EQ(found, found_in("interlacing", path, 1)) << "cut into segments";
}

TEST(Interlacing, CombsThatTheStreamDoesNotAdmitAreFoundToo) {
  const auto found = found_in(
      "interlacing", clip("hidden.mp4", kMoving, "tinterlace=interleave_top,setfield=prog"));
  EXPECT_EQ(found["is_interlaced"], true) << found;
  EXPECT_EQ(found["flagged_share"], 0.0);
}

TEST(Interlacing, ProgressiveVideoHasNone) {
  for (const std::string source :
       {"testsrc2=size=640x360:rate=25:duration=5",
        "mandelbrot=size=640x360:rate=25,trim=duration=4",
        "testsrc2=size=640x360:rate=25:duration=3,noise=alls=25:allf=t"}) {
    const auto found =
        found_in("interlacing",
                 clip("progressive" + std::to_string(source.size()) + ".mp4", source, "null"));
    EXPECT_EQ(found["is_interlaced"], false) << source << found;
    EXPECT_EQ(found["combed_share"], 0.0) << source;
  }
}

TEST(Interlacing, TenBitVideoIsJudgedAlike) {
  const auto path = clip("interlaced10.mkv", kMoving, "tinterlace=interleave_top,format=yuv420p10",
                         {"-c:v", "ffv1", "-pix_fmt", "yuv420p10le", "-g", "12"});
  EXPECT_EQ(found_in("interlacing", path)["is_interlaced"], true);
}

struct Bars {
  const char* name;
  const char* filter;
  Json wanted;
};

class Crop : public ::testing::TestWithParam<Bars> {};

TEST_P(Crop, IsTheRectangleInsideTheBars) {
  const auto path = clip(std::string("crop_") + GetParam().name + ".mkv",
                         "mandelbrot=size=320x240:rate=25,trim=duration=3", GetParam().filter);
  EXPECT_EQ(found_in("crop", path), GetParam().wanted);
  EXPECT_EQ(found_in("crop", path, 1), GetParam().wanted) << "cut into segments";
}

Json rectangle(int x, int y, int width, int height, const char* bars) {
  return Json{{"x", x}, {"y", y}, {"width", width}, {"height", height}, {"bars", bars}};
}

INSTANTIATE_TEST_SUITE_P(
    All, Crop,
    ::testing::Values(Bars{"none", "lutyuv=y=clip(val\\,60\\,235)",
                           rectangle(0, 0, 320, 240, "none")},
                      Bars{"letterbox", "lutyuv=y=clip(val\\,60\\,235),pad=320:320:0:48",
                           rectangle(0, 48, 320, 240, "letterbox")},
                      Bars{"pillarbox", "lutyuv=y=clip(val\\,60\\,235),pad=426:240:52:0",
                           rectangle(52, 0, 320, 240, "pillarbox")},
                      Bars{"windowbox", "lutyuv=y=clip(val\\,60\\,235),pad=400:300:40:32",
                           rectangle(40, 32, 320, 240, "windowbox")}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(CropStage, ABlackVideoHasNoRectangle) {
  EXPECT_TRUE(found_in("crop", clip("crop_black.mkv", "color=black:size=320x240:rate=25:duration=3",
                                    "null"))
                  .is_null());
}

TEST(CropStage, OneLitFrameIsEnoughToMakeAnEdgeContent) {
  const auto path = clip("crop_lit.mkv", "color=gray:size=320x240:rate=25:duration=4",
                         "drawbox=0:0:320:60:black:fill:enable='lt(t,2)'");
  EXPECT_EQ(found_in("crop", path), rectangle(0, 0, 320, 240, "none"));
}

test::Image lit_rectangle(int width, int height, const CropRectangle& lit) {
  test::Image image{width, height,
                    std::vector<std::uint8_t>(static_cast<std::size_t>(width * height), 16)};
  for (int y = lit.top; y < lit.bottom; ++y)
    for (int x = lit.left; x < lit.right; ++x)
      image.luma[static_cast<std::size_t>(y * width + x)] = 200;
  return image;
}

struct Turn {
  int rotation;
  Json wanted;
};
class CropOfTurned : public ::testing::TestWithParam<Turn> {};

TEST_P(CropOfTurned, IsOnTheUprightPicture) {
  // 10 left, 20 above, 30 right, 8 below.
  test::SyntheticVideo video{.rotation = GetParam().rotation};
  video.images.assign(3, lit_rectangle(160, 120, {10, 20, 130, 112}));
  const auto parts = test::configured("crop");
  const auto observer = test::observe_in_segments(video, {}, parts.make_frame_observer);
  EXPECT_EQ(*observer->finish().find("crop"), GetParam().wanted);
}

INSTANTIATE_TEST_SUITE_P(All, CropOfTurned,
                         ::testing::Values(Turn{0, rectangle(10, 20, 120, 92, "windowbox")},
                                           Turn{90, rectangle(8, 10, 92, 120, "windowbox")},
                                           Turn{180, rectangle(30, 8, 120, 92, "windowbox")},
                                           Turn{270, rectangle(20, 30, 92, 120, "windowbox")}),
                         [](const auto& test) { return std::to_string(test.param.rotation); });

TEST(CropStage, AChangeOfSizeIsWarnedOfWithItsFrame) {
  test::SyntheticVideo video;
  video.images.assign(40, lit_rectangle(160, 120, {0, 20, 160, 100}));
  video.images.resize(100, lit_rectangle(200, 150, {0, 0, 200, 150}));
  const auto parts = test::configured("crop");
  for (const auto& cuts : std::vector<std::vector<std::size_t>>{{}, {25, 60}, {40}, {10, 41}}) {
    const auto findings =
        test::observe_in_segments(video, cuts, parts.make_frame_observer)->finish();
    EXPECT_EQ(*findings.find("crop"), rectangle(0, 20, 160, 80, "letterbox"));
    ASSERT_EQ(findings.warnings().size(), 1u);
    EXPECT_EQ(findings.warnings()[0].frame, 40);
    EXPECT_EQ(findings.warnings()[0].message,
              "crop: the frame's size changes to 200x150 at 1.6 s; told of 160x120 only");
  }
}

TEST(ColorBars, OfEveryUsualKindAreFound) {
  for (const std::string source : {"smptebars", "smptehdbars", "pal75bars", "pal100bars"}) {
    for (const std::string size : {"720x576", "1920x1080"}) {
      const auto path =
          clip(source + size + ".mp4", source + "=size=" + size + ":rate=5:duration=3", "null");
      const auto found = found_in("color_bars", path);
      ASSERT_EQ(found.size(), 1u) << source << " " << size;
      EXPECT_NEAR(found[0]["start_s"].get<double>(), 0, 0.01);
      EXPECT_NEAR(found[0]["end_s"].get<double>(), 3, 0.01);
    }
  }
}

TEST(ColorBars, MayBeSomePixelsOffTheirPlace) {
  // FFmpeg rounds the width of a bar up, so that later ones lie further right; a capture of analog
  // video has black at both sides.
  for (const std::string source :
       {"smptebars=size=384x216", "smptebars=size=352x288", "smptebars=size=426x240",
        "smptebars=size=704x480,format=yuv420p,pad=720:480:8:0",
        "pal75bars=size=704x576,format=yuv420p,pad=720:576:8:0"}) {
    const auto [name, filter] =
        std::pair(source.substr(0, source.find(',')), source.find(',') == std::string::npos
                                                          ? std::string("null")
                                                          : source.substr(source.find(',') + 1));
    const auto path = clip("bars_off_" + std::to_string(std::hash<std::string>{}(source)) + ".mp4",
                           name + ":rate=5:duration=3", filter);
    EXPECT_EQ(found_in("color_bars", path).size(), 1u) << source;
  }
}

TEST(ColorBars, OtherTestPicturesAreNot) {
  for (const std::string source :
       {"testsrc=size=640x360:rate=5:duration=3", "testsrc2=size=640x360:rate=5:duration=3",
        "rgbtestsrc=size=640x360:rate=5:duration=3", "color=white:size=640x360:rate=5:duration=3",
        "color=black:size=640x360:rate=5:duration=3",
        "gradients=size=640x360:rate=5:duration=3:x0=0:y0=0:x1=639:y1=0:"
        "c0=white:c1=black:n=2:seed=1",
        "gradients=size=640x360:rate=5:duration=3:x0=0:y0=0:x1=639:y1=0:"
        "c0=0xB0B0B0:c1=0x505050:n=2:seed=1"}) {
    const auto path =
        clip("nobars" + std::to_string(std::hash<std::string>{}(source)) + ".mp4", source, "null");
    EXPECT_TRUE(found_in("color_bars", path).empty()) << source;
  }
}

TEST(ColorBars, AreTimedWithinAProgramme) {
  const auto path = test::generated(
      "leader.mp4",
      {"-f", "lavfi", "-i", "smptebars=size=320x240:rate=25:duration=3", "-f", "lavfi", "-i",
       "testsrc2=size=320x240:rate=25:duration=3", "-filter_complex", "[1][0]concat=n=2", "-c:v",
       "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"});
  const auto found = found_in("color_bars", path);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0]["start_s"].get<double>(), 3, 0.01);
}

}  // namespace
}  // namespace reelmill
