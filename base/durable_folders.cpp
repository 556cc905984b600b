// SPDX-License-Identifier: Apache-2.0
#include "base/durable_folders.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io_error.h"
#include "base/path_text.h"

namespace reelmill {
namespace {

/// Remembered at most, so that memory does not grow with the number of videos: a video's folders
/// are wanted while it is written, and hardly ever after.
constexpr std::size_t kMostRemembered = 1024;
constexpr std::uint64_t kFolderBytes = 4096;  // one block, where filesystems say anything else

/// Makes one folder whose parent exists, and flushes its entry, whoever made it.
Status make_one(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0777) != 0) {
    if (errno != EEXIST) return fail(write_error("make folder", folder, errno, kFolderBytes));
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored))
      return fail(ErrorKind::invalid_input, "make folder {}: a file of this name is in the way",
                  path_to_line(folder.native()));
  }
  const auto parent = folder.parent_path();
  return sync_folder(parent.empty() ? "." : parent);
}

}  // namespace

Status sync_folder(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return fail(io_error("open folder", folder, errno));
  const int error = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  // Some filesystems cannot flush a folder and say so; there is nothing more to do on them.
  if (error != 0 && error != EINVAL)
    return fail(write_error("flush folder", folder, error, kFolderBytes));
  return {};
}

Status make_folder_durably(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (folder.empty() || std::filesystem::is_directory(folder, ignored)) return {};
  const auto bare = folder.has_filename() ? folder : folder.parent_path();
  REELMILL_TRY(make_folder_durably(bare.parent_path()));
  return make_one(bare);
}

DurableFolders::DurableFolders(std::filesystem::path root)
    : root_(root.has_filename() ? std::move(root) : root.parent_path()) {}

Status DurableFolders::make(const std::filesystem::path& folder) {
  {
    const std::lock_guard lock(mutex_);
    if (on_disk_.contains(folder.native())) return {};
  }
  if (folder == root_) return {};
  if (!folder.has_relative_path() || folder == folder.parent_path())
    return fail(ErrorKind::internal, "make folder {}: it is not below {}",
                path_to_line(folder.native()), path_to_line(root_.native()));
  REELMILL_TRY(make(folder.parent_path()));
  REELMILL_TRY(make_one(folder));
  const std::lock_guard lock(mutex_);
  if (on_disk_.size() >= kMostRemembered) on_disk_.clear();
  on_disk_.insert(folder.native());
  return {};
}

}  // namespace reelmill
