// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "media/frame.h"

namespace reelmill {

/// A JPEG file of the picture. `quality` 1 (worst) to 100. The same picture gives the same bytes.
Result<std::vector<std::uint8_t>> encode_jpeg(const Picture& picture, int quality = 85);

/// A black picture of the size.
Picture black_picture(int width, int height);

/// Copies `tile` into `sheet` with its upper left corner at (x, y), both even; what does not fit is
/// cut off.
void paste(Picture& sheet, const Picture& tile, int x, int y);

}  // namespace reelmill
