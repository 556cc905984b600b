// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pipeline/ledger.h"
#include "pipeline/spec.h"

namespace reelmill {

/// What every call stage of the configuration has to send for a video: its results, and the
/// artifacts of the stages that it names under `from`, as each accepts them.
std::vector<UploadClaim> make_claims(const PipelineSpec& spec, const std::string& key,
                                     const WrittenFile& results,
                                     const std::vector<WrittenFile>& artifacts);

/// `image/jpeg` by the file's name.
std::string content_type_of(const std::string& file);

}  // namespace reelmill
