// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/picture_size.h"

#include <algorithm>
#include <utility>

namespace reelmill {
namespace {

// `length` × `part` ÷ `whole`, rounded, at least 1.
int in_proportion(int length, int part, int whole) {
  const auto product = std::int64_t{length} * part;
  return static_cast<int>(std::max<std::int64_t>(1, (product + whole / 2) / whole));
}

}  // namespace

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
