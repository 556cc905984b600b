// SPDX-License-Identifier: Apache-2.0
#include "stages/infer/picture_tensor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace reelmill {
namespace {

constexpr int kBits = 16;

constexpr int fixed(double value) {
  return static_cast<int>(value * (1 << kBits) + (value < 0 ? -0.5 : 0.5));
}

std::uint8_t clamped(int value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

int rounded(int value) {
  return (value + (1 << (kBits - 1))) >> kBits;
}

/// R, G and B of one pixel: ITU-T T.871, section 7.
std::array<std::uint8_t, 3> rgb_of(int y, int cb, int cr) {
  cb -= 128;
  cr -= 128;
  return {clamped(y + rounded(fixed(1.402) * cr)),
          clamped(y + rounded(fixed(-0.344136) * cb + fixed(-0.714136) * cr)),
          clamped(y + rounded(fixed(1.772) * cb))};
}

/// Puts samples where layout and type want them.
class TensorWriter {
 public:
  TensorWriter(const Picture& picture, const PictureFormat& format)
      : pixels_(static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height)),
        channels_(static_cast<std::size_t>(format.channels())),
        is_planar_(format.layout == TensorLayout::nchw),
        is_float_(format.type == TensorType::fp32),
        data_(pixels_ * channels_ * element_size(format.type), '\0') {
    for (std::size_t i = 0; i < floats_.size(); ++i)
      floats_[i] = static_cast<float>(static_cast<double>(i) * format.scale + format.offset);
  }

  void put(std::size_t pixel, std::size_t channel, std::uint8_t sample) {
    const auto at = is_planar_ ? channel * pixels_ + pixel : pixel * channels_ + channel;
    if (is_float_)
      std::memcpy(data_.data() + at * sizeof(float), &floats_[sample], sizeof(float));
    else
      data_[at] = static_cast<char>(sample);
  }
  std::string take() { return std::move(data_); }

 private:
  const std::size_t pixels_, channels_;
  const bool is_planar_, is_float_;
  std::array<float, 256> floats_{};
  std::string data_;
};

}  // namespace

std::string tensor_of(const Picture& picture, const PictureFormat& format) {
  TensorWriter out(picture, format);
  const auto width = static_cast<std::size_t>(picture.width);
  const auto height = static_cast<std::size_t>(picture.height);
  const auto* luma = picture.samples.data();
  if (format.pixels == PixelFormat::luma) {
    for (std::size_t i = 0; i < width * height; ++i) out.put(i, 0, luma[i]);
    return out.take();
  }
  const auto chroma_width = (width + 1) / 2;
  const auto* blue = luma + width * height;
  const auto* red = blue + chroma_width * ((height + 1) / 2);
  const std::size_t first = format.pixels == PixelFormat::rgb ? 0 : 2;
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const auto chroma = y / 2 * chroma_width + x / 2;
      const auto pixel = y * width + x;
      const auto rgb = rgb_of(luma[pixel], blue[chroma], red[chroma]);
      out.put(pixel, 0, rgb[first]);
      out.put(pixel, 1, rgb[1]);
      out.put(pixel, 2, rgb[2 - first]);
    }
  }
  return out.take();
}

}  // namespace reelmill
