// SPDX-License-Identifier: Apache-2.0
#include "tests/support/synthetic.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

#include <gtest/gtest.h>

namespace reelmill::test {
namespace {

std::uint8_t level(double value) {
  return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

}  // namespace

Image scene(unsigned number, int shift) {
  std::mt19937 random(number * 7919 + 17);
  const auto pick = [&](int from, int to) {
    return from + static_cast<int>(random() % static_cast<unsigned>(to - from + 1));
  };
  Image image;
  const double base = pick(70, 170), slope_x = pick(-30, 30), slope_y = pick(-30, 30);
  const double wave_x = pick(2, 9) / 40.0, wave_y = pick(2, 9) / 40.0;
  struct Box {
    int x, y, width, height, level;
  };
  std::vector<Box> boxes;
  for (int i = 0; i < 7; ++i)
    boxes.push_back({pick(-20, 140), pick(-10, 60), pick(15, 50), pick(10, 35), pick(10, 245)});
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const int at = x + shift;
      double value = base + slope_x * at / 128.0 + slope_y * y / 72.0 +
                     20 * std::sin(at * wave_x) * std::cos(y * wave_y);
      for (const auto& box : boxes)
        if (at >= box.x && at < box.x + box.width && y >= box.y && y < box.y + box.height)
          value = box.level;
      image.luma[static_cast<std::size_t>(y * image.width + x)] = level(value);
    }
  }
  return image;
}

Image flat(int value) {
  Image image;
  std::fill(image.luma.begin(), image.luma.end(), level(value));
  return image;
}

Image mix(const Image& a, const Image& b, double share) {
  Image image = a;
  for (std::size_t i = 0; i < image.luma.size(); ++i)
    image.luma[i] = level(a.luma[i] * (1 - share) + b.luma[i] * share);
  return image;
}

Image lit(const Image& image, int levels) {
  Image other = image;
  for (auto& sample : other.luma) sample = level(sample + levels);
  return other;
}

Image with_box(Image image, int x, int y, int width, int height, int value) {
  for (int row = y; row < y + height; ++row)
    for (int column = x; column < x + width; ++column)
      image.luma[static_cast<std::size_t>(row * image.width + column)] = level(value);
  return image;
}

FrameFeatures features_of(const Image& image) {
  LumaView view;
  view.data = reinterpret_cast<const std::byte*>(image.luma.data());
  view.stride = image.width;
  view.width = image.width;
  view.height = image.height;
  view.is_full_range = true;
  return compute_frame_features(view);
}

TimelineBuilder::TimelineBuilder(int fps)
    : timeline_({1, 1000}, std::filesystem::temp_directory_path()), frame_ms_(1000 / fps) {}

TimelineBuilder& TimelineBuilder::append(const FrameFeatures& features, int milliseconds) {
  TimelineFrame frame;
  frame.pts = pts_;
  frame.duration = milliseconds;
  frame.features = features;
  EXPECT_TRUE(timeline_.append(frame));
  pts_ += milliseconds;
  return *this;
}

TimelineBuilder& TimelineBuilder::add_for(const Image& image, int milliseconds) {
  return append(features_of(image), milliseconds);
}

TimelineBuilder& TimelineBuilder::add(const Image& image, int frames) {
  const auto features = features_of(image);
  for (int i = 0; i < frames; ++i) append(features, frame_ms_);
  return *this;
}

TimelineBuilder& TimelineBuilder::pan(unsigned scene_number, int frames, int pixels_a_frame) {
  for (int i = 0; i < frames; ++i) add(scene(scene_number, i * pixels_a_frame));
  return *this;
}

TimelineBuilder& TimelineBuilder::blend(const Image& from, const Image& to, int frames) {
  for (int i = 1; i <= frames; ++i) add(mix(from, to, static_cast<double>(i) / (frames + 1)));
  return *this;
}

}  // namespace reelmill::test
