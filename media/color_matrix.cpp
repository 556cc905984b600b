// SPDX-License-Identifier: Apache-2.0
#include "media/color_matrix.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "media/libav.h"

namespace reelmill {
namespace {

constexpr int kBits = 14;
constexpr int kHighDefinitionRows = 720;

int fixed(double value) {
  return static_cast<int>(std::lround(value * (1 << kBits)));
}

/// What must be added to luma, and the new chroma, per unit of the old chroma.
struct Coefficients {
  int luma_by_blue, luma_by_red, blue_by_blue, blue_by_red, red_by_blue, red_by_red;
};

/// By way of R'G'B', from the definition: Cb = (B - Y) / (2 (1 - blue)), Cr likewise.
Coefficients coefficients(LumaWeights from, LumaWeights to) {
  const double green = 1 - from.red - from.blue;
  // R - Y, G - Y and B - Y for one unit of Cb and of Cr.
  const double blue_of_cb = 2 * (1 - from.blue), red_of_cr = 2 * (1 - from.red);
  const double green_of_cb = -from.blue * blue_of_cb / green;
  const double green_of_cr = -from.red * red_of_cr / green;
  const double to_green = 1 - to.red - to.blue;
  const double luma_cb = to_green * green_of_cb + to.blue * blue_of_cb;
  const double luma_cr = to.red * red_of_cr + to_green * green_of_cr;
  const double blue_scale = 2 * (1 - to.blue), red_scale = 2 * (1 - to.red);
  return {fixed(luma_cb),
          fixed(luma_cr),
          fixed((blue_of_cb - luma_cb) / blue_scale),
          fixed(-luma_cr / blue_scale),
          fixed(-luma_cb / red_scale),
          fixed((red_of_cr - luma_cr) / red_scale)};
}

std::uint8_t clamped(int origin, int scaled) {
  return static_cast<std::uint8_t>(
      std::clamp(origin + ((scaled + (1 << (kBits - 1))) >> kBits), 0, 255));
}

}  // namespace

LumaWeights matrix_of(const AVFrame& frame) {
  const auto* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (format == nullptr || (format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0) {
    return kBt601;
  }
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709:
      return kBt709;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return kBt2020;
    case AVCOL_SPC_UNSPECIFIED:
      return frame.height >= kHighDefinitionRows ? kBt709 : kBt601;
    default:
      return kBt601;
  }
}

void to_jpeg_matrix(Picture& picture, LumaWeights from) {
  if (from == kBt601) return;
  const auto by = coefficients(from, kBt601);
  const auto width = static_cast<std::size_t>(picture.width);
  const auto height = static_cast<std::size_t>(picture.height);
  const auto chroma_width = (width + 1) / 2, chroma_height = (height + 1) / 2;
  auto* luma = picture.samples.data();
  auto* blue = luma + width * height;
  auto* red = blue + chroma_width * chroma_height;
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const auto chroma = y / 2 * chroma_width + x / 2;
      auto& sample = luma[y * width + x];
      sample = clamped(
          sample, by.luma_by_blue * (blue[chroma] - 128) + by.luma_by_red * (red[chroma] - 128));
    }
  }
  for (std::size_t i = 0; i < chroma_width * chroma_height; ++i) {
    const int old_blue = blue[i] - 128, old_red = red[i] - 128;
    blue[i] = clamped(128, by.blue_by_blue * old_blue + by.blue_by_red * old_red);
    red[i] = clamped(128, by.red_by_blue * old_blue + by.red_by_red * old_red);
  }
}

}  // namespace reelmill
