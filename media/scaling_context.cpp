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
                from.colorspace,
                is_full_range(from.color_range, from_format, is_gray(from_format)),
                is_full_range(to.color_range, to_format, is_gray(to_format))};
  if (context_ == nullptr || !(key == key_)) {
    context_.reset(sws_getContext(from.width, from.height, from_format, to.width, to.height,
                                  to_format, filter | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr,
                                  nullptr, nullptr));
    if (context_ == nullptr) return false;
    key_ = key;
    const int* coefficients = sws_getCoefficients(from.colorspace);
    // Fails for RGB sources, which need none of it.
    sws_setColorspaceDetails(context_.get(), coefficients, key.from_full ? 1 : 0, coefficients,
                             key.to_full ? 1 : 0, 0, 1 << 16, 1 << 16);
  }
  return sws_scale(context_.get(), from.data, from.linesize, 0, from.height, to.data,
                   to.linesize) == to.height;
}

}  // namespace reelmill
