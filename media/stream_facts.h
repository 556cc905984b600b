// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/stream_info.h"

struct AVFormatContext;

namespace reelmill {

/// Reads as far as libav's limits allow to learn the streams' parameters. Below 0: AVERROR.
int find_stream_facts(AVFormatContext& format);

/// What the headers say, in our words.
MediaInfo describe(const AVFormatContext& format);

}  // namespace reelmill
