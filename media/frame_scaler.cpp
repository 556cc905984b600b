// SPDX-License-Identifier: Apache-2.0
#include "media/frame_scaler.h"

#include <algorithm>
#include <cstddef>

#include "media/decode_log.h"
#include "media/libav.h"
#include "media/scaling_context.h"

namespace reelmill {
namespace {

constexpr int kMaxSide = 16384;

/// Writes a plane of `width` × `height` samples to `out`, turned clockwise.
void turn_plane(const std::uint8_t* plane, std::ptrdiff_t stride, int width, int height,
                int rotation, std::uint8_t* out) {
  const bool is_sideways = rotation == 90 || rotation == 270;
  const int out_width = is_sideways ? height : width;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      int to_x = x, to_y = y;
      if (rotation == 90) to_x = height - 1 - y, to_y = x;
      if (rotation == 180) to_x = width - 1 - x, to_y = height - 1 - y;
      if (rotation == 270) to_x = y, to_y = width - 1 - x;
      out[static_cast<std::ptrdiff_t>(to_y) * out_width + to_x] = plane[y * stride + x];
    }
  }
}

}  // namespace

Result<Picture> scale_frame(const AVFrame& frame, int width, int height, int rotation) {
  if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide || rotation % 90 != 0 ||
      rotation < 0 || rotation > 270) {
    return fail(ErrorKind::internal, "scale: {}x{} turned by {} is out of range", width, height,
                rotation);
  }
  const DecodeLog log;
  const bool is_sideways = rotation == 90 || rotation == 270;
  Owned<AVFrame, free_frame> small(av_frame_alloc());
  if (small != nullptr) {
    small->format = AV_PIX_FMT_YUV420P;
    small->color_range = AVCOL_RANGE_JPEG;
    small->width = is_sideways ? height : width;
    small->height = is_sideways ? width : height;
  }
  if (small == nullptr || av_frame_get_buffer(small.get(), 0) < 0) {
    return fail(ErrorKind::internal, "scale: out of memory for {}x{}", width, height);
  }
  thread_local ScalingContext context;
  if (!context.scale(frame, *small, SWS_AREA)) {
    const char* format = av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format));
    return fail(ErrorKind::invalid_input, "scale: no way from {} {}x{} to {}x{}",
                format == nullptr ? "unknown format" : format, frame.width, frame.height, width,
                height);
  }
  Picture picture;
  picture.width = width;
  picture.height = height;
  const int chroma_width = (small->width + 1) / 2, chroma_height = (small->height + 1) / 2;
  const auto luma_size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const auto chroma_size =
      static_cast<std::size_t>(chroma_width) * static_cast<std::size_t>(chroma_height);
  picture.samples.resize(luma_size + 2 * chroma_size);
  turn_plane(small->data[0], small->linesize[0], small->width, small->height, rotation,
             picture.samples.data());
  for (std::size_t i = 0; i < 2; ++i) {
    turn_plane(small->data[1 + i], small->linesize[1 + i], chroma_width, chroma_height, rotation,
               picture.samples.data() + luma_size + i * chroma_size);
  }
  return picture;
}

}  // namespace reelmill
