// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <vector>

#include "pipeline/source.h"

namespace reelmill {

/// Tells a storage that is gone (a mount that dropped, a server that hangs up) from one broken
/// file. Remembers the last file that was read well on each input root as a witness. Thread-safe.
class StorageWatch {
 public:
  explicit StorageWatch(std::vector<InputRoot> roots);

  /// This file was read to its end.
  void was_read(const std::filesystem::path& file);
  /// Does the storage under `file` answer: is its root the folder it was when the run began (or
  /// that of the same share, mounted again), can it be listed, and does a witness (another file
  /// that was read well) still give its first block? Blocks as long as the storage does.
  bool answers(const std::filesystem::path& file) const;
  /// A root was given for this file and is not what it was: it vanished, or its mount did.
  bool is_root_gone(const std::filesystem::path& file) const;

 private:
  struct Root {
    InputRoot place;
    std::optional<std::filesystem::path> witness;
  };
  /// Of the innermost root; the number of roots when there is none. Under the lock.
  std::size_t index_of(const std::filesystem::path& file) const;
  std::optional<Root> root_of(const std::filesystem::path& file) const;

  mutable std::mutex mutex_;
  std::vector<Root> roots_;
};

}  // namespace reelmill
