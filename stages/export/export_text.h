// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "media/stream_info.h"
#include "stages/api/video_stage.h"

namespace reelmill {

/// Writes a text as an artifact. Errors as ArtifactWriter::write.
Status write_text(ArtifactWriter& artifacts, std::string_view name, std::string_view text);

/// The last part of the video's key, on one line.
std::string title_of(const VideoRecord& video);

/// Of the first video stream that is no attached picture; 0/0 where there is none.
Rational frame_rate_of(const MediaInfo& media);

/// The shots found so far; none where no stage has looked for them.
std::vector<Shot> shots_of(const VideoRecord& video);

}  // namespace reelmill
