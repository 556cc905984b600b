// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/picture_size.h"

#include <algorithm>
#include <utility>

#include "media/pixel_aspect.h"

namespace reelmill {
namespace {

// `length` × `part` ÷ `whole`, rounded, at least 1.
int in_proportion(int length, int part, int whole) {
  const auto product = std::int64_t{length} * part;
  return static_cast<int>(std::max<std::int64_t>(1, (product + whole / 2) / whole));
}

}  // namespace

PictureSize shown_size(const Frame& frame) noexcept {
  const auto aspect = pixel_aspect(frame);
  const auto wide = static_cast<int>(aspect.num), high = static_cast<int>(aspect.den);
  if (wide >= high) return {in_proportion(frame.width(), wide, high), frame.height()};
  return {frame.width(), in_proportion(frame.height(), high, wide)};
}

PictureSize fitted_size(PictureSize frame, int rotation, PictureSize bounds) noexcept {
  PictureSize shown{std::max(1, frame.width), std::max(1, frame.height)};
  if (rotation == 90 || rotation == 270) std::swap(shown.width, shown.height);
  PictureSize size = shown;
  if (size.width > bounds.width)
    size = {bounds.width, in_proportion(bounds.width, shown.height, shown.width)};
  if (size.height > bounds.height)
    size = {in_proportion(bounds.height, shown.width, shown.height), bounds.height};
  return {std::max(1, size.width), std::max(1, size.height)};
}

}  // namespace reelmill
