// SPDX-License-Identifier: Apache-2.0
#include "pipeline/storage_watch.h"

#include <array>
#include <cerrno>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/mount_name.h"

namespace reelmill {
namespace {

bool is_within(const std::filesystem::path& file, const std::filesystem::path& root) {
  const auto& name = file.native();
  const auto& folder = root.native();
  return name.starts_with(folder) &&
         (folder == "/" || name.size() == folder.size() || name[folder.size()] == '/');
}

bool is_same_place(const InputRoot& root) {
  struct stat info{};
  if (::stat(root.path.c_str(), &info) != 0) return false;
  // Another share may get the number that the first one left.
  if (!root.mount.empty() && mount_name(root.path) != root.mount) return false;
  if (info.st_dev == root.device) return info.st_ino == root.inode;
  // Mounted again, a share may have another number, and so may its folders.
  return !root.mount.empty();
}

bool can_list(const std::filesystem::path& folder) {
  DIR* handle = ::opendir(folder.c_str());
  if (handle == nullptr) return false;
  errno = 0;
  const bool is_listed = ::readdir(handle) != nullptr || errno == 0;
  const int error = errno;
  ::closedir(handle);
  errno = error;
  return is_listed;
}

/// Does something answer for the folder, be it that it does not exist or may not be seen?
bool answers_for(const std::filesystem::path& folder) {
  return can_list(folder) || errno == ENOENT || errno == ENOTDIR || errno == EACCES;
}

bool is_in_place(const InputRoot& root) {
  return is_same_place(root) && (root.is_mount ? answers_for(root.path) : can_list(root.path));
}

bool gives_first_block(const std::filesystem::path& file) {
  const int handle = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (handle < 0) return false;
  std::array<char, 4096> block;
  // What the page cache still holds says nothing of the storage.
  (void)::posix_fadvise(handle, 0, static_cast<off_t>(block.size()), POSIX_FADV_DONTNEED);
  const bool is_read = ::pread(handle, block.data(), block.size(), 0) >= 0;
  ::close(handle);
  return is_read;
}

}  // namespace

StorageWatch::StorageWatch(std::vector<InputRoot> roots) {
  for (auto& root : roots) roots_.push_back({std::move(root), {}});
}

std::size_t StorageWatch::index_of(const std::filesystem::path& file) const {
  std::size_t found = roots_.size(), length = 0;
  for (std::size_t i = 0; i < roots_.size(); ++i) {
    const auto& root = roots_[i].place.path;
    if (root.native().size() < length || !is_within(file, root)) continue;
    found = i;
    length = root.native().size();
  }
  return found;
}

std::optional<StorageWatch::Root> StorageWatch::root_of(const std::filesystem::path& file) const {
  std::lock_guard lock(mutex_);
  const auto index = index_of(file);
  if (index == roots_.size()) return {};
  return roots_[index];
}

void StorageWatch::was_read(const std::filesystem::path& file) {
  std::lock_guard lock(mutex_);
  const auto index = index_of(file);
  if (index < roots_.size()) roots_[index].witness = file;
}

bool StorageWatch::is_root_gone(const std::filesystem::path& file) const {
  const auto root = root_of(file);
  return root && !is_in_place(root->place);
}

bool StorageWatch::answers(const std::filesystem::path& file) const {
  const auto root = root_of(file);
  if (!root) return can_list(file.parent_path());
  if (!is_in_place(root->place)) return false;
  // The file system may be in its place and fail for the file's folder only.
  if (root->place.is_mount && !answers_for(file.parent_path())) return false;
  return !root->witness || *root->witness == file || gives_first_block(*root->witness);
}

}  // namespace reelmill
