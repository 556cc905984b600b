// SPDX-License-Identifier: Apache-2.0
// Loaded into a program with LD_PRELOAD: while the file REELMILL_OUTAGE_FLAG exists, everything
// below REELMILL_OUTAGE_ROOT fails with the error number REELMILL_OUTAGE_ERRNO, as a network mount
// does that went away: names cannot be looked up, open files cannot be read. Each failure is a line
// in REELMILL_OUTAGE_LOG. See tests/support/input_outage.h.
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

// Raw system calls, so that nothing here meets itself.
bool is_outage() {
  static const char* const flag = std::getenv("REELMILL_OUTAGE_FLAG");
  const int before = errno;
  const bool is_there = flag != nullptr && ::syscall(SYS_access, flag, F_OK) == 0;
  errno = before;
  return is_there;
}

bool is_below_root(const char* path) {
  static const char* const root = std::getenv("REELMILL_OUTAGE_ROOT");
  if (root == nullptr) return false;
  const auto length = std::strlen(root);
  return std::strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

int fail(const char* call, const char* path) {
  static const char* const log = std::getenv("REELMILL_OUTAGE_LOG");
  static const char* const number = std::getenv("REELMILL_OUTAGE_ERRNO");
  if (log != nullptr) {
    char line[4400];
    const int size = std::snprintf(line, sizeof line, "%s %s\n", call, path);
    const long file = ::syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (file >= 0) {
      ::syscall(SYS_write, file, line, size);
      ::syscall(SYS_close, file);
    }
  }
  errno = number == nullptr ? EIO : std::atoi(number);
  return -1;
}

bool path_of(int descriptor, char (&path)[4096]) {
  char link[64];
  if (descriptor == AT_FDCWD)
    std::snprintf(link, sizeof link, "/proc/self/cwd");
  else
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const long size = ::syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (size < 0) return false;
  path[size] = '\0';
  return true;
}

/// Whether a call that works on this descriptor must fail; errno is set then.
bool fails(const char* call, int descriptor) {
  if (!is_outage()) return false;
  const int before = errno;
  char path[4096];
  const bool is_hit = path_of(descriptor, path) && is_below_root(path);
  errno = before;
  return is_hit && fail(call, path) < 0;
}

/// The same for a call that works on a name.
bool fails(const char* call, int folder, const char* name) {
  if (name == nullptr || !is_outage()) return false;
  if (name[0] == '/') return is_below_root(name) && fail(call, name) < 0;
  char path[4096], whole[8200];
  if (!path_of(folder, path)) return false;
  std::snprintf(whole, sizeof whole, "%s/%s", path, name);
  return is_below_root(whole) && fail(call, whole) < 0;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

mode_t mode_argument(int flags, va_list arguments) {
  const bool has_mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return has_mode ? static_cast<mode_t>(va_arg(arguments, int)) : 0;
}

}  // namespace

// NOLINTBEGIN: the names and signatures are the C library's
extern "C" {

#define OUTAGE_OPEN(function)                                              \
  int function(const char* name, int flags, ...) {                         \
    va_list arguments;                                                     \
    va_start(arguments, flags);                                            \
    const mode_t mode = mode_argument(flags, arguments);                   \
    va_end(arguments);                                                     \
    if (fails(#function, AT_FDCWD, name)) return -1;                       \
    static auto* const real = next<int(const char*, int, ...)>(#function); \
    return real(name, flags, mode);                                        \
  }
OUTAGE_OPEN(open)
OUTAGE_OPEN(open64)

#define OUTAGE_OPENAT(function)                                                 \
  int function(int folder, const char* name, int flags, ...) {                  \
    va_list arguments;                                                          \
    va_start(arguments, flags);                                                 \
    const mode_t mode = mode_argument(flags, arguments);                        \
    va_end(arguments);                                                          \
    if (fails(#function, folder, name)) return -1;                              \
    static auto* const real = next<int(int, const char*, int, ...)>(#function); \
    return real(folder, name, flags, mode);                                     \
  }
OUTAGE_OPENAT(openat)
OUTAGE_OPENAT(openat64)

ssize_t read(int file, void* bytes, size_t count) {
  if (fails("read", file)) return -1;
  static auto* const real = next<ssize_t(int, void*, size_t)>("read");
  return real(file, bytes, count);
}

ssize_t __read_chk(int file, void* bytes, size_t count, size_t space) {
  if (fails("read", file)) return -1;
  static auto* const real = next<ssize_t(int, void*, size_t, size_t)>("__read_chk");
  return real(file, bytes, count, space);
}

ssize_t readv(int file, const struct iovec* parts, int count) {
  if (fails("readv", file)) return -1;
  static auto* const real = next<ssize_t(int, const struct iovec*, int)>("readv");
  return real(file, parts, count);
}

#define OUTAGE_PREAD(function)                                                     \
  ssize_t function(int file, void* bytes, size_t count, off_t offset) {            \
    if (fails(#function, file)) return -1;                                         \
    static auto* const real = next<ssize_t(int, void*, size_t, off_t)>(#function); \
    return real(file, bytes, count, offset);                                       \
  }
OUTAGE_PREAD(pread)
OUTAGE_PREAD(pread64)

#define OUTAGE_STAT(function, structure)                                     \
  int function(const char* name, structure* about) {                         \
    if (fails(#function, AT_FDCWD, name)) return -1;                         \
    static auto* const real = next<int(const char*, structure*)>(#function); \
    return real(name, about);                                                \
  }
OUTAGE_STAT(stat, struct stat)
OUTAGE_STAT(lstat, struct stat)
OUTAGE_STAT(stat64, struct stat64)
OUTAGE_STAT(lstat64, struct stat64)

#define OUTAGE_FSTAT(function, structure)                            \
  int function(int file, structure* about) {                         \
    if (fails(#function, file)) return -1;                           \
    static auto* const real = next<int(int, structure*)>(#function); \
    return real(file, about);                                        \
  }
OUTAGE_FSTAT(fstat, struct stat)
OUTAGE_FSTAT(fstat64, struct stat64)

#define OUTAGE_FSTATAT(function, structure)                                            \
  int function(int folder, const char* name, structure* about, int flags) {            \
    if (fails(#function, folder, name)) return -1;                                     \
    static auto* const real = next<int(int, const char*, structure*, int)>(#function); \
    return real(folder, name, about, flags);                                           \
  }
OUTAGE_FSTATAT(fstatat, struct stat)
OUTAGE_FSTATAT(fstatat64, struct stat64)

int statx(int folder, const char* name, int flags, unsigned mask, struct statx* about) {
  if (fails("statx", folder, name)) return -1;
  static auto* const real = next<int(int, const char*, int, unsigned, struct statx*)>("statx");
  return real(folder, name, flags, mask, about);
}

int access(const char* name, int mode) {
  if (fails("access", AT_FDCWD, name)) return -1;
  static auto* const real = next<int(const char*, int)>("access");
  return real(name, mode);
}

DIR* opendir(const char* name) {
  if (fails("opendir", AT_FDCWD, name)) return nullptr;
  static auto* const real = next<DIR*(const char*)>("opendir");
  return real(name);
}

#define OUTAGE_READDIR(function, structure)                      \
  structure* function(DIR* folder) {                             \
    if (fails(#function, ::dirfd(folder))) return nullptr;       \
    static auto* const real = next<structure*(DIR*)>(#function); \
    return real(folder);                                         \
  }
OUTAGE_READDIR(readdir, struct dirent)
OUTAGE_READDIR(readdir64, struct dirent64)

char* realpath(const char* name, char* resolved) {
  if (fails("realpath", AT_FDCWD, name)) return nullptr;
  static auto* const real = next<char*(const char*, char*)>("realpath");
  return real(name, resolved);
}

}  // extern "C"
// NOLINTEND
