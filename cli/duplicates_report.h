// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fingerprint/duplicate_search.h"

namespace reelmill {

/// What `reelmill duplicates` found in an output folder.
struct DuplicatesReport {
  struct Video {
    std::string key;  ///< raw bytes
    double duration_s = 0;
  };
  std::vector<Video> videos;  ///< all that were compared
  std::vector<std::vector<std::uint32_t>> groups;
  std::vector<Match> matches;
  std::vector<std::string> notes;  ///< what could not be compared, and why
};

/// One line a video of each group, then one a match.
std::string to_text(const DuplicatesReport& report);

/// `{schema: 1, videos, groups: [[path]], overlaps: [{a: {path, start_s, end_s}, b: {...},
/// offset_s, speed, similarity, basis}], notes}`; docs/duplicates.md says more.
std::string to_json_text(const DuplicatesReport& report);

}  // namespace reelmill
