// SPDX-License-Identifier: Apache-2.0
#include "media/chroma_planes.h"

#include "media/libav.h"

namespace reelmill {
namespace {

// The high-depth formats that FFmpeg stores in the upper bits are read as 16-bit samples.
std::optional<ChromaView::Plane> plane_of(const AVFrame& frame,
                                          const AVComponentDescriptor& component) {
  const int bytes = component.depth > 8 ? 2 : 1;
  const bool is_own_plane = component.plane > 0 && component.plane < 3;
  const bool is_whole = component.shift == 0 || component.shift == 16 - component.depth;
  if (!is_own_plane || !is_whole || component.depth < 8 || component.depth > 16 ||
      component.offset % bytes != 0 || frame.data[component.plane] == nullptr)
    return {};
  return ChromaView::Plane{
      reinterpret_cast<const std::byte*>(frame.data[component.plane]) + component.offset,
      frame.linesize[component.plane]};
}

}  // namespace

ChromaView chroma_planes(const AVFrame& frame) {
  const auto* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (format == nullptr || format->nb_components < 3 || frame.width <= 0 || frame.height <= 0)
    return {};
  constexpr std::uint64_t kUnreadable =
      AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_HWACCEL |
      AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BE;
  if ((format->flags & kUnreadable) != 0) return {};
  const auto& blue = format->comp[1];
  const auto& red = format->comp[2];
  const auto cb = plane_of(frame, blue), cr = plane_of(frame, red);
  if (!cb || !cr || blue.depth != red.depth || blue.step != red.step || blue.shift != red.shift)
    return {};
  ChromaView view;
  view.cb = *cb;
  view.cr = *cr;
  view.width = AV_CEIL_RSHIFT(frame.width, format->log2_chroma_w);
  view.height = AV_CEIL_RSHIFT(frame.height, format->log2_chroma_h);
  view.bit_depth = blue.shift == 0 ? blue.depth : 16;
  view.step = blue.step;
  return view;
}

}  // namespace reelmill
