// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/result.h"
#include "pipeline/ledger.h"

namespace reelmill {

/// Writes `quarantine.jsonl` anew from the ledger: one line `{video, path, stage, class, message}`
/// for each video in quarantine, by key; an empty file when there is none. `file` keeps its old
/// content until the new one is on disk.
Status write_quarantine_file(const Ledger& ledger, const std::filesystem::path& file);

}  // namespace reelmill
