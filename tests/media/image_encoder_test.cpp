// SPDX-License-Identifier: Apache-2.0
#include "media/image_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/media/fixtures.h"

namespace reelmill {
namespace {

using test::decode_video;
using test::fixtures;
using testing::Gt;

/// Smooth in all planes.
Picture gradient(int width, int height) {
  auto picture = black_picture(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      picture.samples[static_cast<std::size_t>(y * width + x)] =
          static_cast<std::uint8_t>((x * 255 / width + y * 255 / height) / 2);
    }
  }
  return picture;
}

std::filesystem::path save(const std::string& name, const std::vector<std::uint8_t>& bytes) {
  return fixtures().write(name, std::string(bytes.begin(), bytes.end()));
}

double difference(const Picture& a, const Picture& b) {
  EXPECT_EQ(a.samples.size(), b.samples.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.samples.size(); ++i) {
    sum += std::abs(int{a.samples[i]} - int{b.samples[i]});
  }
  return sum / static_cast<double>(a.samples.size());
}

TEST(JpegEncoder, WritesAPictureThatReadsBackTheSame) {
  for (const auto& [width, height] : {std::pair{160, 90}, {161, 91}, {1, 1}, {17, 3}}) {
    const auto picture = gradient(width, height);
    const auto jpeg = encode_jpeg(picture, 95);
    ASSERT_TRUE(jpeg) << to_string(jpeg.error());
    const auto path = save("gradient.jpg", *jpeg);
    const auto info = probe(path);
    ASSERT_TRUE(info) << to_string(info.error());
    EXPECT_TRUE(info->is_still_image);
    auto video = decode_video(path);
    ASSERT_EQ(video.frames.size(), 1U);
    EXPECT_TRUE(video.frames[0].luma().is_full_range);
    const auto back = video.frames[0].scaled(width, height);
    ASSERT_TRUE(back) << to_string(back.error());
    EXPECT_LT(difference(picture, *back), 2) << width << "x" << height;
  }
}

TEST(JpegEncoder, WritesTheSameBytesForTheSamePicture) {
  const auto picture = gradient(160, 90);
  const auto first = *encode_jpeg(picture);
  (void)encode_jpeg(gradient(64, 64), 20);
  EXPECT_EQ(*encode_jpeg(picture), first);
  EXPECT_EQ(first[0], 0xFF);
  EXPECT_EQ(first[1], 0xD8);
  const std::string text(first.begin(), first.end());
  EXPECT_EQ(text.find("Lavc"), std::string::npos) << "the encoder's version would change the bytes";
}

TEST(JpegEncoder, SpendsMoreBytesOnMoreQuality) {
  auto video = decode_video(test::simple_video());
  const auto picture = *video.frames.at(3).scaled(160, 90);
  std::size_t last = 0;
  for (const int quality : {1, 25, 50, 75, 85, 95}) {
    const auto jpeg = encode_jpeg(picture, quality);
    ASSERT_TRUE(jpeg);
    EXPECT_GE(jpeg->size(), last) << quality;
    last = jpeg->size();
  }
  EXPECT_GT(last, 2 * encode_jpeg(picture, 25)->size());
}

TEST(JpegEncoder, ClampsTheQuality) {
  const auto picture = gradient(32, 32);
  EXPECT_EQ(*encode_jpeg(picture, -5), *encode_jpeg(picture, 1));
  EXPECT_EQ(*encode_jpeg(picture, 1000), *encode_jpeg(picture, 100));
}

TEST(JpegEncoder, RefusesAPictureThatIsNotWhatItSays) {
  EXPECT_FALSE(encode_jpeg(Picture{}));
  auto picture = gradient(32, 32);
  picture.samples.pop_back();
  EXPECT_EQ(encode_jpeg(picture).error().kind, ErrorKind::internal);
}

TEST(BlackPicture, IsBlackInAllPlanes) {
  const auto picture = black_picture(5, 3);
  ASSERT_EQ(picture.samples.size(), 15U + 2 * 6);
  EXPECT_EQ(picture.samples[14], 0);
  EXPECT_EQ(picture.samples[15], 128);
  EXPECT_EQ(picture.samples.back(), 128);
}

Picture filled(int width, int height, std::uint8_t value) {
  auto picture = black_picture(width, height);
  std::fill(picture.samples.begin(), picture.samples.end(), value);
  return picture;
}

TEST(Paste, PutsATileIntoAllPlanes) {
  auto sheet = black_picture(8, 6);
  paste(sheet, filled(4, 2, 200), 2, 2);
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 8; ++x) {
      const bool is_inside = x >= 2 && x < 6 && y >= 2 && y < 4;
      ASSERT_EQ(sheet.samples[static_cast<std::size_t>(y * 8 + x)], is_inside ? 200 : 0);
    }
  }
  // The chroma planes are 4 × 3; the tile covers their second row, columns 1 and 2.
  for (std::size_t plane = 0; plane < 2; ++plane) {
    for (std::size_t i = 0; i < 12; ++i) {
      const bool is_inside = i == 5 || i == 6;
      ASSERT_EQ(sheet.samples[48 + plane * 12 + i], is_inside ? 200 : 128) << i;
    }
  }
}

TEST(Paste, CutsOffWhatDoesNotFit) {
  auto sheet = black_picture(5, 5);
  paste(sheet, filled(4, 4, 9), 4, 4);
  EXPECT_EQ(sheet.samples[24], 9);
  EXPECT_EQ(sheet.samples[23], 0);
  const auto before = sheet.samples;
  paste(sheet, filled(4, 4, 1), 6, 0);
  paste(sheet, filled(4, 4, 1), 0, 100);
  paste(sheet, filled(4, 4, 1), -2, 0);
  EXPECT_EQ(sheet.samples, before);
  EXPECT_EQ(sheet.samples.size(), 25U + 2 * 9);
}

}  // namespace
}  // namespace reelmill
