// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "stages/api/timeline.h"

namespace reelmill::test {

/// A small luma picture, full range, made by arithmetic.
struct Image {
  int width = 128, height = 72;
  std::vector<std::uint8_t> luma = std::vector<std::uint8_t>(128 * 72);
};

/// A picture with shapes and texture of its own for each number, `shift` pixels into a pan.
Image scene(unsigned number, int shift = 0);
/// One level everywhere.
Image flat(int level);
/// `share` of b over a.
Image mix(const Image& a, const Image& b, double share);
/// Brighter or darker by so many levels.
Image lit(const Image& image, int levels);
/// With a rectangle of one level.
Image with_box(Image image, int x, int y, int width, int height, int level);

FrameFeatures features_of(const Image& image);

/// Frames one after the other, `fps` a second.
class TimelineBuilder {
 public:
  explicit TimelineBuilder(int fps = 25);
  TimelineBuilder& add(const Image& image, int frames = 1);
  TimelineBuilder& pan(unsigned scene_number, int frames, int pixels_a_frame = 1);
  /// From one picture to another in so many frames between them.
  TimelineBuilder& blend(const Image& from, const Image& to, int frames);
  /// A frame shown for so many ticks of 1/1000 s, for variable frame rates.
  TimelineBuilder& add_for(const Image& image, int milliseconds);
  const Timeline& timeline() const { return timeline_; }

 private:
  TimelineBuilder& append(const FrameFeatures& features, int milliseconds);

  Timeline timeline_;
  int frame_ms_;
  std::int64_t pts_ = 0;
};

}  // namespace reelmill::test
