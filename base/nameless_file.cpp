// SPDX-License-Identifier: Apache-2.0
#include "base/nameless_file.h"

#include <cerrno>

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include "base/io_error.h"

namespace reelmill {

int open_nameless(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
  std::string name = (folder / ".scratch-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

int write_fully(int file, const void* data, std::size_t bytes, std::int64_t offset) noexcept {
  const auto* from = static_cast<const char*>(data);
  while (bytes > 0) {
    const auto written = ::pwrite(file, from, bytes, offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    from += written;
    offset += written;
    bytes -= static_cast<std::size_t>(written);
  }
  return 0;
}

int read_fully(int file, void* data, std::size_t bytes, std::int64_t offset) noexcept {
  auto* to = static_cast<char*>(data);
  while (bytes > 0) {
    const auto count = ::pread(file, to, bytes, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return EIO;
    to += count;
    offset += count;
    bytes -= static_cast<std::size_t>(count);
  }
  return 0;
}

Error nameless_error(const std::string& doing, const std::filesystem::path& folder,
                     int error_number, std::uint64_t bytes_needed) {
  auto error = io_error(doing, folder, error_number);
  if (error.kind == ErrorKind::exhausted)
    error.message += fmt::format(": {} bytes more are needed", bytes_needed);
  else if (error.kind != ErrorKind::denied)
    error.kind = ErrorKind::unavailable;
  return error;
}

}  // namespace reelmill
