// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stages/api/video_stage.h"
#include "tests/support/scan.h"
#include "tests/support/synthetic.h"

namespace reelmill {
namespace {

class NoArtifacts final : public ArtifactWriter {
 public:
  Status write(std::string_view name, std::span<const std::uint8_t>) override {
    ADD_FAILURE() << "unexpected artifact " << name;
    return {};
  }
};

Findings probe(const MediaInfo& media, const Timeline* timeline, double duration_s) {
  const auto stage = test::configured("probe").video_stage;
  const VideoFile file{"/videos/clip.mp4", "clip.mp4"};
  const Findings so_far;
  NoArtifacts artifacts;
  auto found =
      stage->process({file, media, timeline, so_far, nullptr, 0, duration_s, {}}, artifacts);
  EXPECT_TRUE(found);
  return found ? *std::move(found) : Findings{};
}

MediaInfo clip() {
  MediaInfo media;
  media.container = "mov,mp4,m4a,3gp,3g2,mj2";
  media.duration_s = 4;
  media.bit_rate = 800000;
  StreamInfo video;
  video.kind = StreamKind::video;
  video.codec = "h264";
  video.is_decodable = true;
  video.width = 1280;
  video.height = 720;
  video.pixel_format = "yuv420p";
  video.rotation = 90;
  video.frame_rate = {30000, 1001};
  video.frame_count = 120;
  StreamInfo sound;
  sound.index = 1;
  sound.kind = StreamKind::audio;
  sound.codec = "aac";
  sound.is_decodable = true;
  sound.language = "deu";
  sound.sample_rate = 48000;
  sound.channels = 2;
  media.streams = {video, sound};
  return media;
}

TEST(Probe, StatesWhatTheHeadersSay) {
  const auto findings = probe(clip(), nullptr, 4);
  EXPECT_TRUE(findings.warnings().empty());
  const auto& found = *findings.find("probe");
  EXPECT_EQ(found["bit_rate"], 800000);
  EXPECT_EQ(found["claimed_duration_s"], 4.0);
  EXPECT_EQ(found["streams"][0]["rotation"], 90);
  EXPECT_EQ(found["streams"][0]["pixel_format"], "yuv420p");
  EXPECT_EQ(found["streams"][0]["claimed_frames"], 120);
  EXPECT_NEAR(found["streams"][0]["frame_rate"].get<double>(), 29.97, 0.001);
  EXPECT_EQ(found["streams"][1]["language"], "deu");
  EXPECT_EQ(found["streams"][1]["channels"], 2);
  EXPECT_FALSE(found["streams"][1].contains("width"));
}

TEST(Probe, WhatIsUnknownIsNull) {
  MediaInfo media;
  media.streams.emplace_back().kind = StreamKind::video;
  const auto findings = probe(media, nullptr, 0);
  const auto& found = *findings.find("probe");
  EXPECT_TRUE(found["bit_rate"].is_null());
  EXPECT_TRUE(found["claimed_duration_s"].is_null());
  EXPECT_TRUE(found["streams"][0]["frame_rate"].is_null());
  EXPECT_TRUE(found["streams"][0]["claimed_frames"].is_null());
  EXPECT_TRUE(found["streams"][0]["language"].is_null());
}

TEST(Probe, WarnsOfADurationThatDoesNotHold) {
  test::TimelineBuilder measured(25);
  measured.add(test::scene(1), 25);
  auto media = clip();
  media.duration_s = 143165.643233;
  const auto warnings = probe(media, &measured.timeline(), 1).warnings();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].message, "probe: the container claims 143166 s, but 1 s were measured");
  media.duration_s = 1.2;
  EXPECT_TRUE(probe(media, &measured.timeline(), 1).warnings().empty());
  EXPECT_TRUE(probe(clip(), nullptr, 0).warnings().empty()) << "nothing was measured";
}

TEST(Probe, WarnsOfStreamsThatCannotBeShown) {
  auto media = clip();
  media.streams[0].is_decodable = false;
  media.streams[1] = media.streams[0];
  media.streams[1].index = 1;
  media.streams[1].codec = "mjpeg";
  media.streams[1].is_decodable = true;
  media.streams[1].is_attached_picture = true;
  const auto warnings = probe(media, nullptr, 4).warnings();
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_EQ(warnings[0].message, "probe: stream 0 (video h264): no decoder in this build");
  EXPECT_EQ(warnings[1].message,
            "probe: stream 1 (video mjpeg) is an attached picture, not a video");
}

TEST(Probe, NeedsNothingOfTheDecoder) {
  const auto parts = test::configured("probe");
  EXPECT_EQ(parts.needs.frames, DecoderNeeds::Frames::none);
  EXPECT_FALSE(parts.needs.audio);
}

}  // namespace
}  // namespace reelmill
