// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include <sys/stat.h>

namespace reelmill {

/// When a file's content was last changed, in nanoseconds since 1970. Filesystems hold times
/// beyond the years 1677 to 2262 that fit: they count as the nearest that does.
inline std::int64_t modified_ns(const struct stat& file) noexcept {
  std::int64_t ns = 0;
  const auto seconds = std::int64_t{file.st_mtim.tv_sec};
  if (__builtin_mul_overflow(seconds, std::int64_t{1'000'000'000}, &ns) ||
      __builtin_add_overflow(ns, std::int64_t{file.st_mtim.tv_nsec}, &ns))
    return seconds < 0 ? std::numeric_limits<std::int64_t>::min()
                       : std::numeric_limits<std::int64_t>::max();
  return ns;
}

}  // namespace reelmill
