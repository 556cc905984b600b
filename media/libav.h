// SPDX-License-Identifier: Apache-2.0
#pragma once

// FFmpeg's C headers, for the sources of this room alone: no public header includes this one.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <cstdint>
#include <optional>
#include <string>

namespace reelmill {

/// libav's own words for an AVERROR, in lower case as the rest of a message.
std::string libav_reason(int averror);

/// Empty for AV_NOPTS_VALUE.
inline std::optional<std::int64_t> optional_time(std::int64_t time) noexcept {
  if (time == AV_NOPTS_VALUE) return {};
  return time;
}

}  // namespace reelmill
