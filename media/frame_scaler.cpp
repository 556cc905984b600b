// SPDX-License-Identifier: Apache-2.0
#include "media/frame_scaler.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "media/color_matrix.h"
#include "media/decode_log.h"
#include "media/libav.h"
#include "media/scaling_context.h"

namespace reelmill {
namespace {

constexpr int kMaxSide = 16384;
// Beyond this, swscale's 14-bit filter coefficients lose levels, and it forgets ranges.
constexpr int kMaxShrink = 32;

using OwnedFrame = Owned<AVFrame, free_frame>;

/// An empty 8-bit 4:2:0 full-range frame; null when memory ran out.
OwnedFrame new_frame(int width, int height) {
  OwnedFrame frame(av_frame_alloc());
  if (frame == nullptr) return {};
  frame->format = AV_PIX_FMT_YUV420P;
  frame->color_range = AVCOL_RANGE_JPEG;
  frame->width = width;
  frame->height = height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) return {};
  return frame;
}

/// Scales in as many steps as the size asks for.
Result<OwnedFrame> shrink(const AVFrame& frame, int width, int height) {
  OwnedFrame between;
  for (const AVFrame* from = &frame;;) {
    const int to_width = std::max(width, (from->width + kMaxShrink - 1) / kMaxShrink);
    const int to_height = std::max(height, (from->height + kMaxShrink - 1) / kMaxShrink);
    const bool is_last = to_width == width && to_height == height;
    auto small = new_frame(to_width, to_height);
    if (small == nullptr) {
      return fail(ErrorKind::internal, "scale: out of memory for {}x{}", to_width, to_height);
    }
    if (!scale_into(*from, *small, SWS_AREA)) {
      const char* format = av_get_pix_fmt_name(static_cast<AVPixelFormat>(from->format));
      return fail(ErrorKind::invalid_input, "scale: no way from {} {}x{} to {}x{}",
                  format == nullptr ? "unknown format" : format, from->width, from->height,
                  to_width, to_height);
    }
    if (is_last) return small;
    between = std::move(small);
    from = between.get();
  }
}

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
  REELMILL_ASSIGN(const auto small,
                  shrink(frame, is_sideways ? height : width, is_sideways ? width : height));
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
  to_jpeg_matrix(picture, matrix_of(frame));
  return picture;
}

}  // namespace reelmill
