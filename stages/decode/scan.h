// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/api/frame_source.h"

namespace reelmill {

/// Reads one segment, or a whole video, from its first to its last frame: demux, decode, hand out.
/// Video frames leave in output order with a pts each, also where the file has none. Sound that
/// comes before the first frame waits until the frame's time is known. Runs on the calling thread.
VideoResult<ScanOutcome> scan_segment(ScanRequest request);

/// The class under which an error of opening a file is counted.
VideoError open_failure(Error error);

/// Identity of a decoded picture's luma plane and size.
std::uint64_t frame_digest(Frame& frame);

}  // namespace reelmill
