// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/ledger.h"

namespace reelmill {

enum class VerifyDepth {
  results,  ///< every results file is read, artifacts are looked at
  content,  ///< artifacts are read too, and the ledger's own structure is proven
};

/// What a comparison of an output folder with its ledger gave.
struct Verification {
  std::int64_t videos = 0, results = 0, artifacts = 0;
  std::vector<std::string> deviations;  ///< one line each; none: everything agrees
  std::vector<std::string> notes;       ///< worth knowing, and as it should be
};

/// Proves that every video ended exactly once and that its files are those that were recorded:
/// results exist, hold JSON of that video and have the digest of the ledger; artifacts exist;
/// nothing waits to be sent that is not there; no results, artifacts or unfinished files that the
/// ledger knows nothing of. A video that has not ended is a deviation as long as its input exists.
/// Nobody may be writing the folder. Changes nothing. Errors: unavailable, denied (the folder or
/// the ledger cannot be read).
Result<Verification> verify_output(const Ledger& ledger, const std::filesystem::path& output,
                                   VerifyDepth depth);

}  // namespace reelmill
