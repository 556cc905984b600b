// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pipeline/ledger.h"
#include "pipeline/scan_summary.h"
#include "stages/api/stage.h"
#include "stages/api/timeline.h"
#include "stages/api/video.h"

namespace reelmill {

/// What one stage made of a video, and from what.
struct StageRecord {
  std::string hash;      ///< StageSpec::hash: with what it stands on
  std::string own_hash;  ///< StageSpec::own_hash
  Findings observed;     ///< of its observer
  Findings found;        ///< of its detector or video stage
  std::vector<WrittenFile> artifacts;
  std::string observer;  ///< FrameObserver::save(); empty = none
};

/// By stage id.
using StageRecords = std::map<std::string, StageRecord>;

/// All that a later run needs to do stages again without decoding: what the scan told, what each
/// stage made of it, and the frames' features. Kept at OUT/timelines/<video>.timeline. A value.
struct StoredAnalysis {
  std::uint64_t bytes = 0;    ///< of the video file
  std::int64_t mtime_ns = 0;  ///< of the video file
  std::string source_hash;    ///< of the stage that decoded it
  std::string needs;          ///< needs_text() of the scan
  ScanSummary summary;
  StageRecords stages;
  std::optional<Timeline> timeline;  ///< absent where no frames were scanned
};

/// What a scan was asked for: two scans of a file with equal texts told the same.
std::string needs_text(const DecoderNeeds& needs);

/// The bytes of the file. `frames`: of encode_timeline or stored_frames, empty where there are
/// none; the analysis' own timeline is not looked at.
std::string encode_analysis(const StoredAnalysis& analysis, std::string_view frames);

/// Reads such a file. Errors: not_found; invalid_input for anything damaged or of another build;
/// and as Timeline::append.
Result<StoredAnalysis> read_analysis(const std::filesystem::path& file,
                                     const std::filesystem::path& scratch);

/// The frames in such a file as they are, encoded. Errors: as read_analysis.
Result<std::string> stored_frames(const std::filesystem::path& file);

}  // namespace reelmill
