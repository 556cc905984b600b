// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "media/media_input.h"

struct AVFormatContext;

namespace reelmill {

/// The protection scheme (`cenc`, `cbcs`, ...) of a video track of an ISO base media file (MP4,
/// MOV, 3GP) whose sample entry is `encv`; empty where there is none or the file is no such file.
/// Reads a few box headers through `input`; its position is as before afterwards.
/// Boxes: ISO/IEC 14496-12; scheme types: ISO/IEC 23001-7.
std::optional<std::string> isobmff_encryption_scheme(MediaInput& input);

/// Whether libav reads a key's name in a video stream: Matroska and WebM.
bool has_encrypted_video(const AVFormatContext& format);

}  // namespace reelmill
