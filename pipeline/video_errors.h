// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "stages/api/frame_source.h"

namespace reelmill {

/// Nothing came of a video for so long; `how` it was ended.
VideoError stalled(Duration stall_timeout, std::string_view how);

/// Something that only a fault of this program can be.
VideoError fault(const char* what);

/// How the file differs from what it was when the run began, if it does.
std::optional<VideoError> changed_since_listed(const VideoFile& file);

/// Why a file that was decoded could not be read again, as its classes of failure have it.
VideoError read_failure(Error error);

}  // namespace reelmill
