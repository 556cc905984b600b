// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <unordered_set>

#include "base/result.h"

namespace reelmill {

/// Flushes a folder's entries (names of files and folders in it) to disk.
Status sync_folder(const std::filesystem::path& folder);

/// Makes a folder with its missing parents; the new ones are on disk when this returns.
Status make_folder_durably(const std::filesystem::path& folder);

/// Folders below one root, made when needed and surely on disk. It does not trust a folder that it
/// finds: another thread, or a run that crashed, may have made it without flushing it, so each
/// one's entry is flushed once. It remembers some thousand of them, and flushes a forgotten one
/// again. Thread-safe; threads do not wait for each other.
class DurableFolders {
 public:
  /// `root` exists and is on disk. A slash at its end is no part of root().
  explicit DurableFolders(std::filesystem::path root);
  const std::filesystem::path& root() const { return root_; }

  /// `folder` is the root or below it. Errors: denied, exhausted, invalid_input (a name that the
  /// filesystem does not take, a file in the way), unavailable.
  Status make(const std::filesystem::path& folder);

 private:
  const std::filesystem::path root_;
  std::mutex mutex_;
  std::unordered_set<std::string> on_disk_;
};

}  // namespace reelmill
