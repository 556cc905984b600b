// SPDX-License-Identifier: Apache-2.0
#include "media/luma_plane.h"

#include "media/decode_log.h"
#include "media/libav.h"
#include "media/scaling_context.h"

namespace reelmill {
namespace {

bool is_gray(const AVPixFmtDescriptor& format) {
  return format.nb_components <= 2;
}

}  // namespace

std::optional<LumaView> luma_plane(const AVFrame& frame) {
  const auto pixel_format = static_cast<AVPixelFormat>(frame.format);
  const auto* format = av_pix_fmt_desc_get(pixel_format);
  if (format == nullptr || frame.width <= 0 || frame.height <= 0) return {};
  constexpr std::uint64_t kWithoutLuma = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL |
                                         AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_HWACCEL |
                                         AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_FLOAT;
  if ((format->flags & kWithoutLuma) != 0) return {};
  const auto& luma = format->comp[0];
  const bool is_eight_bit = luma.depth == 8 && luma.step == 1 && luma.shift == 0;
  const bool is_deep = luma.depth > 8 && luma.depth <= 16 && luma.step == 2 &&
                       (luma.shift == 0 || luma.shift == 16 - luma.depth) &&
                       (format->flags & AV_PIX_FMT_FLAG_BE) == 0;
  if (luma.plane != 0 || luma.offset != 0 || (!is_eight_bit && !is_deep)) return {};

  LumaView view;
  view.data = reinterpret_cast<const std::byte*>(frame.data[0]);
  view.stride = frame.linesize[0];
  view.width = frame.width;
  view.height = frame.height;
  // P010 and its kin keep the sample in the high bits: 16-bit samples then.
  view.bit_depth = luma.shift == 0 ? luma.depth : 16;
  view.is_full_range = is_full_range(frame.color_range, pixel_format, is_gray(*format));
  return view;
}

Owned<AVFrame, free_frame> convert_to_luma(const AVFrame& frame) {
  const DecodeLog quiet;  // what swscale says is not about the video
  Owned<AVFrame, free_frame> luma(av_frame_alloc());
  if (luma == nullptr) return {};
  luma->format = AV_PIX_FMT_GRAY8;
  luma->width = frame.width;
  luma->height = frame.height;
  luma->color_range = AVCOL_RANGE_JPEG;
  if (av_frame_get_buffer(luma.get(), 0) < 0) return {};
  if (!scale_into(frame, *luma, SWS_POINT)) return {};
  return luma;
}

}  // namespace reelmill
