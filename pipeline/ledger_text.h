// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pipeline/ledger.h"

namespace reelmill {

/// How lists stand in a row of the ledger: texts that each end with NUL, which no file name, stage
/// or digest holds.
std::string to_row(const std::vector<WrittenFile>& files);
std::vector<WrittenFile> files_of_row(const std::string& row);
std::string to_row(const std::vector<std::pair<std::string, std::string>>& claims);
std::vector<std::pair<std::string, std::string>> claims_of_row(const std::string& row);

}  // namespace reelmill
