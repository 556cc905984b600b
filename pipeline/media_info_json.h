// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/stream_info.h"
#include "stages/api/findings.h"

namespace reelmill {

/// What the headers of a file say, for keeping; media_info_from_json gives the same back.
Json to_json(const MediaInfo& info);
/// Throws Json::exception for anything that to_json(MediaInfo) did not write.
MediaInfo media_info_from_json(const Json& json);

}  // namespace reelmill
