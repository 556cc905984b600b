// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/media_input.h"

struct AVFormatContext;

namespace reelmill {

/// Whether the container's headers speak of bytes beyond the end of the file: its index lists a
/// packet there (MP4, MOV, AVI), or its segment says that it is longer (Matroska, WebM; RFC 9559
/// and, for EBML, RFC 8794). False where the headers do not tell. Reads at most a hundred bytes
/// through `input`; its position is as before afterwards.
bool is_cut_short(MediaInput& input, const AVFormatContext& format);

}  // namespace reelmill
