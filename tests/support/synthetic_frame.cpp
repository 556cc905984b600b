// SPDX-License-Identifier: Apache-2.0
#include "tests/support/synthetic_frame.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <gtest/gtest.h>

extern "C" {
#include <libavutil/frame.h>
}

namespace reelmill::test {

Frame frame_of(const Image& image, std::int64_t pts) {
  Owned<AVFrame, free_frame> frame(av_frame_alloc());
  frame->format = AV_PIX_FMT_YUVJ420P;
  frame->color_range = AVCOL_RANGE_JPEG;
  frame->width = image.width;
  frame->height = image.height;
  frame->pts = frame->best_effort_timestamp = pts;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::runtime_error("no memory for a frame");
  for (int y = 0; y < image.height; ++y)
    std::copy_n(image.luma.data() + static_cast<std::size_t>(y) * image.width, image.width,
                frame->data[0] + static_cast<std::ptrdiff_t>(y) * frame->linesize[0]);
  for (const int plane : {1, 2})
    for (int y = 0; y < (image.height + 1) / 2; ++y)
      std::fill_n(frame->data[plane] + static_cast<std::ptrdiff_t>(y) * frame->linesize[plane],
                  (image.width + 1) / 2, std::uint8_t{128});
  return Frame(std::move(frame));
}

Timeline SyntheticVideo::timeline() const {
  Timeline timeline({1, 1000}, std::filesystem::temp_directory_path());
  for (std::size_t i = 0; i < images.size(); ++i) {
    TimelineFrame frame;
    frame.pts = pts(i);
    frame.duration = frame_ms;
    frame.features = features_of(images[i]);
    EXPECT_TRUE(timeline.append(frame));
  }
  return timeline;
}

void SyntheticVideo::show(FrameObserver& observer, std::size_t from, std::size_t to) const {
  for (std::size_t i = from; i < to; ++i) {
    const auto frame = frame_of(images[i], pts(i));
    const auto features = features_of(images[i]);
    observer.observe({frame, features, static_cast<std::int64_t>(i - from), pts(i),
                      static_cast<double>(pts(i) - first_pts) / 1000, rotation});
  }
  observer.end_of_scan();
}

}  // namespace reelmill::test
