// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <set>
#include <string_view>
#include <vector>

#include "base/durable_folders.h"
#include "base/result.h"

namespace reelmill {

/// Files that appear together: each is written under a temporary name beside its own, and `commit`
/// flushes them all, then renames them in the order of `add`, then flushes each folder once. So
/// many files cost little more than one, and no name ever stands for half a file. A file that has
/// its content already is left alone. A crash during `commit` may leave some of them renamed. `add`
/// and `keep` are thread-safe; `commit` comes after all of them. Errors as write_file_durably.
class FileBatch {
 public:
  /// `folders` outlives this; all files lie below its root.
  explicit FileBatch(DurableFolders& folders) : folders_(folders) {}
  ~FileBatch();  ///< removes what was not renamed
  FileBatch(const FileBatch&) = delete;
  FileBatch& operator=(const FileBatch&) = delete;

  Status add(const std::filesystem::path& file, std::string_view content);
  /// A file that an earlier batch wrote stays: only its name is flushed again, in case that batch
  /// died before it was.
  void keep(const std::filesystem::path& file);
  Status commit();

 private:
  struct Item {
    std::filesystem::path temporary, file;
    std::uint64_t bytes = 0;
    int descriptor = -1;  ///< open until its content is on disk
  };
  Status flush(Item& item);

  DurableFolders& folders_;
  std::atomic<unsigned> next_number_ = 0;  ///< of a temporary name
  std::mutex mutex_;
  std::vector<Item> items_;
  std::set<std::filesystem::path> changed_;  ///< folders to be flushed
  std::size_t renamed_ = 0;
};

}  // namespace reelmill
