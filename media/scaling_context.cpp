// SPDX-License-Identifier: Apache-2.0
#include "media/scaling_context.h"

namespace reelmill {
namespace {

bool is_gray(AVPixelFormat format) {
  const auto* description = av_pix_fmt_desc_get(format);
  return description != nullptr && description->nb_components <= 2 &&
         (description->flags & (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_RGB)) == 0;
}

}  // namespace

bool is_full_range(AVColorRange range, AVPixelFormat format, bool is_gray) noexcept {
  switch (format) {
    case AV_PIX_FMT_YUVJ411P:
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ444P:
      return true;
    default:
      return range == AVCOL_RANGE_JPEG || (is_gray && range != AVCOL_RANGE_MPEG);
  }
}

std::unique_ptr<SwsContext, ScalingContext::Free> ScalingContext::new_context(const Key& key) {
  std::unique_ptr<SwsContext, Free> context(sws_alloc_context());
  if (context == nullptr) return {};
  // As options before it is set up: told afterwards, swscale converts the range of 8-bit samples
  // only, and not without scaling.
  const auto set = [&](const char* name, int value) {
    av_opt_set_int(context.get(), name, value, 0);
  };
  set("srcw", key.from_width);
  set("srch", key.from_height);
  set("src_format", key.from_format);
  set("src_range", key.from_full ? 1 : 0);
  set("dstw", key.to_width);
  set("dsth", key.to_height);
  set("dst_format", key.to_format);
  set("dst_range", key.to_full ? 1 : 0);
  set("sws_flags", key.filter | SWS_ACCURATE_RND | SWS_BITEXACT);
  if (sws_init_context(context.get(), nullptr, nullptr) < 0) return {};
  return context;
}

bool ScalingContext::scale(const AVFrame& from, AVFrame& to, int filter) {
  const auto from_format = static_cast<AVPixelFormat>(from.format);
  const auto to_format = static_cast<AVPixelFormat>(to.format);
  const Key key{from.width,
                from.height,
                from.format,
                to.width,
                to.height,
                to.format,
                filter,
                is_full_range(from.color_range, from_format, is_gray(from_format)),
                is_full_range(to.color_range, to_format, is_gray(to_format))};
  if (context_ == nullptr || !(key == key_)) {
    context_ = new_context(key);
    if (context_ == nullptr) return false;
    key_ = key;
  }
  return sws_scale(context_.get(), from.data, from.linesize, 0, from.height, to.data,
                   to.linesize) == to.height;
}

}  // namespace reelmill
