// SPDX-License-Identifier: Apache-2.0
#include "media/mixed_features.h"

#include <cmath>

namespace reelmill {
namespace {

template <class T, std::size_t N>
void mix(std::array<T, N>& out, const std::array<T, N>& a, const std::array<T, N>& b, float share) {
  for (std::size_t i = 0; i < N; ++i)
    out[i] = static_cast<T>(
        std::lround(std::lerp(static_cast<float>(a[i]), static_cast<float>(b[i]), share)));
}

}  // namespace

FrameFeatures mixed_features(const FrameFeatures& a, const FrameFeatures& b, float share) noexcept {
  FrameFeatures mixed = share < 0.5F ? a : b;
  mixed.mean = std::lerp(a.mean, b.mean, share);
  mixed.deviation =
      std::sqrt(std::lerp(a.deviation * a.deviation, b.deviation * b.deviation, share));
  mixed.black_share = std::lerp(a.black_share, b.black_share, share);
  mixed.dark_share = std::lerp(a.dark_share, b.dark_share, share);
  mixed.bright_share = std::lerp(a.bright_share, b.bright_share, share);
  mix(mixed.histogram, a.histogram, b.histogram, share);
  mix(mixed.picture, a.picture, b.picture, share);
  mix(mixed.chroma.cb, a.chroma.cb, b.chroma.cb, share);
  mix(mixed.chroma.cr, a.chroma.cr, b.chroma.cr, share);
  return mixed;
}

}  // namespace reelmill
