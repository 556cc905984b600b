// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace reelmill {

/// A folder as an absolute path, without `.`, `..` and a slash at its end; links stay.
std::filesystem::path absolute_folder(const std::filesystem::path& folder);

/// Where the results of a video lie in the output folder: `results/<key>.json`. Always inside
/// `results/`, whatever bytes the key holds, and never the same for two keys, nor a folder of
/// another's. A part of the key that cannot be a file name as it is (longer than a file name may
/// be, `.`, `..`, empty, a folder that ends in `.json`, one that looks like a temporary file) is
/// replaced by its beginning and a digest: `~beginning~digest`; so is a key as a whole that is
/// longer than a path may be.
std::string results_file(std::string_view key);

/// The folder of a video's artifacts: `artifacts/<key>`, by the same rules. No other video's folder
/// is above or below it as long as the ledger gives out the keys (Ledger::is_key_taken).
std::string artifacts_folder(std::string_view key);

/// Where the timeline of a video lies for later runs: `timelines/<key>.timeline`, by the same
/// rules.
std::string timeline_file(std::string_view key);

/// Whether a stage may call an artifact so: relative, with ordinary file names between the slashes.
bool is_artifact_name(std::string_view name);

}  // namespace reelmill
