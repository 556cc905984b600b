// SPDX-License-Identifier: Apache-2.0
#include "base/file_batch.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/fail_point.h"
#include "base/io_error.h"

namespace reelmill {
namespace {

/// How many files stay open for one flush together; more would meet the limit of open files.
constexpr std::size_t kOpenAtOnce = 32;

struct Opened {
  std::filesystem::path path;
  int descriptor = -1;
};

/// A new file in `folder` that no other thread or process has.
Result<Opened> open_temporary(const std::filesystem::path& folder, std::atomic<unsigned>& number,
                              std::uint64_t bytes) {
  for (;;) {
    Opened opened;
    opened.path = folder / fmt::format("{}{}-{}", kTemporaryPrefix, ::getpid(), number++);
    opened.descriptor = ::open(opened.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (opened.descriptor >= 0) return opened;
    if (errno != EEXIST && errno != EINTR)
      return fail(write_error("write", opened.path, errno, bytes));
  }
}

/// Files under their own names were flushed before they got them, so what can be read is on disk.
bool has_content(const std::filesystem::path& file, std::string_view content) {
  constexpr std::size_t kChunk = 64 * 1024;
  const int descriptor =
      ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return false;
  struct stat about{};
  bool is_same = ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) &&
                 static_cast<std::uint64_t>(about.st_size) == content.size();
  const auto buffer = std::make_unique_for_overwrite<char[]>(std::min(kChunk, content.size()));
  while (is_same && !content.empty()) {
    const auto count = ::read(descriptor, buffer.get(), std::min(kChunk, content.size()));
    if (count < 0 && errno == EINTR) continue;
    is_same = count > 0 &&
              std::memcmp(buffer.get(), content.data(), static_cast<std::size_t>(count)) == 0;
    if (is_same) content.remove_prefix(static_cast<std::size_t>(count));
  }
  ::close(descriptor);
  return is_same;
}

int write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const auto count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

Status stop_here(std::string_view point, const std::filesystem::path& file) {
  if (fail_point(point, file.native()))
    return fail(ErrorKind::unavailable, "write {}: a test says so", file.native());
  return {};
}

}  // namespace

FileBatch::~FileBatch() {
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].descriptor >= 0) ::close(items_[i].descriptor);
    if (i >= renamed_) ::unlink(items_[i].temporary.c_str());
  }
}

Status FileBatch::add(const std::filesystem::path& file, std::string_view content) {
  const auto folder = file.parent_path();
  // Found out now, before any file of the batch has its name.
  if (file.filename().native().size() > NAME_MAX)
    return fail(io_error("write", file, ENAMETOOLONG));
  REELMILL_TRY(folders_.make(folder));
  if (has_content(file, content)) {
    keep(file);
    return {};
  }
  REELMILL_ASSIGN(auto opened, open_temporary(folder, next_number_, content.size()));
  Item item{std::move(opened.path), file, content.size(), opened.descriptor};
  if (const int error = write_all(item.descriptor, content); error != 0) {
    const auto failure = write_error("write", file, error, content.size());
    ::close(item.descriptor);
    ::unlink(item.temporary.c_str());
    return fail(failure);
  }
  // Starts the write without waiting for it, so that the flushes later find little left to do.
  ::sync_file_range(item.descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
  const auto stopped = stop_here("file.written", file);

  const std::lock_guard lock(mutex_);
  items_.push_back(std::move(item));
  if (items_.size() % kOpenAtOnce == 0)
    for (std::size_t i = items_.size() - kOpenAtOnce; i < items_.size(); ++i)
      REELMILL_TRY(flush(items_[i]));
  return stopped;
}

void FileBatch::keep(const std::filesystem::path& file) {
  const std::lock_guard lock(mutex_);
  changed_.insert(file.parent_path());
}

Status FileBatch::flush(Item& item) {
  if (item.descriptor < 0) return {};
  int error = ::fsync(item.descriptor) == 0 ? 0 : errno;
  if (::close(std::exchange(item.descriptor, -1)) != 0 && error == 0) error = errno;
  if (error != 0) return fail(write_error("flush", item.file, error, item.bytes));
  return stop_here("file.synced", item.file);
}

Status FileBatch::commit() {
  for (auto& item : items_) REELMILL_TRY(flush(item));
  for (; renamed_ < items_.size(); ++renamed_) {
    const auto& item = items_[renamed_];
    if (::rename(item.temporary.c_str(), item.file.c_str()) != 0)
      return fail(write_error("write", item.file, errno, item.bytes));
    changed_.insert(item.file.parent_path());
    REELMILL_TRY(stop_here("file.renamed", item.file));
  }
  for (const auto& folder : changed_) {
    REELMILL_TRY(sync_folder(folder));
    REELMILL_TRY(stop_here("file.folder_synced", folder));
  }
  return {};
}

}  // namespace reelmill
