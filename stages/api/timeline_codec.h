// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "stages/api/timeline.h"

namespace reelmill {

/// A timeline as bytes, for later runs: exact, so that detectors say of it what they said of the
/// original. Blocks of frames are turned over (all first bytes, all second bytes, ...), each byte
/// as its difference to the frame before, and compressed with Zstandard: 50 to 200 bytes a frame,
/// of 1300. Errors: as Timeline::Reader::status().
Result<std::string> encode_timeline(const Timeline& timeline);

/// Takes bytes of this build only: the features' layout is part of the format, and another one is
/// refused. `scratch` as for Timeline. Errors: invalid_input for anything that encode_timeline of
/// this build did not write, and as Timeline::append.
Result<Timeline> decode_timeline(std::string_view bytes, std::filesystem::path scratch);

}  // namespace reelmill
