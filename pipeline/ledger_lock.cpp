// SPDX-License-Identifier: Apache-2.0
#include "pipeline/ledger_lock.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/path_text.h"

namespace reelmill {
namespace {

constexpr const char* kLockFile = "ledger.lock";

// A lock of the open file, not of the process: it can be asked for without being taken, two owners
// within one process exclude each other too, and closing another descriptor of the file keeps it.
struct flock whole_file() {
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::optional<int> written_process_id(int file) {
  std::array<char, 32> text{};
  const auto size = ::pread(file, text.data(), text.size(), 0);
  int process = 0;
  if (size <= 0) return {};
  const auto end = text.data() + size;
  if (std::from_chars(text.data(), end, process).ec != std::errc{}) return {};
  return process;
}

}  // namespace

Result<LedgerLock> LedgerLock::acquire(const std::filesystem::path& folder) {
  const auto path = folder / kLockFile;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) {
    const int error = errno;
    const auto kind = error == EACCES || error == EROFS || error == EPERM ? ErrorKind::denied
                      : error == ENOSPC || error == EDQUOT                ? ErrorKind::exhausted
                                                                          : ErrorKind::unavailable;
    return fail(kind, "lock {}: {}", path_to_line(path.native()), std::strerror(error));
  }
  LedgerLock lock(file);
  auto whole = whole_file();
  if (::fcntl(file, F_OFD_SETLK, &whole) != 0) {
    if (errno != EAGAIN && errno != EACCES)
      return fail(ErrorKind::unavailable, "lock {}: {}", path_to_line(path.native()),
                  std::strerror(errno));
    const auto process = written_process_id(file);
    return fail(ErrorKind::rejected, "another run (process {}) is using {}",
                process ? std::to_string(*process) : "unknown", path_to_line(folder.native()));
  }
  const auto process = std::to_string(::getpid()) + "\n";
  // Who holds it is for people: a full disk must not keep anyone from reading what is done.
  if (::ftruncate(file, 0) == 0)
    static_cast<void>(!::pwrite(file, process.data(), process.size(), 0));
  return lock;
}

std::optional<int> LedgerLock::holder_of(const std::filesystem::path& folder) {
  const int file = ::open((folder / kLockFile).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  auto whole = whole_file();
  std::optional<int> process;
  if (::fcntl(file, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK)
    process = written_process_id(file).value_or(0);
  ::close(file);
  return process;
}

LedgerLock::LedgerLock(LedgerLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

LedgerLock::~LedgerLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace reelmill
