// SPDX-License-Identifier: Apache-2.0
#include "base/atomic_file.h"

#include <cerrno>
#include <system_error>

#include <unistd.h>

#include "base/durable_folders.h"
#include "base/file_batch.h"
#include "base/io_error.h"

namespace reelmill {

Status write_file_durably(const std::filesystem::path& file, std::string_view content) {
  const auto folder = file.parent_path();
  REELMILL_TRY(make_folder_durably(folder));
  DurableFolders folders(folder);
  FileBatch batch(folders);
  REELMILL_TRY(batch.add(file, content));
  return batch.commit();
}

Result<std::size_t> remove_temporaries(const std::filesystem::path& folder) {
  std::error_code error;
  std::size_t removed = 0;
  auto entry = std::filesystem::recursive_directory_iterator(folder, error);
  if (error == std::errc::no_such_file_or_directory) return removed;
  for (const auto end = std::filesystem::recursive_directory_iterator(); !error && entry != end;
       entry.increment(error)) {
    if (!entry->path().filename().native().starts_with(kTemporaryPrefix)) continue;
    std::error_code unknown;
    if (entry->is_directory(unknown)) continue;
    if (::unlink(entry->path().c_str()) != 0 && errno != ENOENT)
      return fail(io_error("remove", entry->path(), errno));
    ++removed;
  }
  if (error) return fail(io_error("look for unfinished files in", folder, error.value()));
  return removed;
}

}  // namespace reelmill
