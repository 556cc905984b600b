// SPDX-License-Identifier: Apache-2.0
#include "pipeline/mount_name.h"

#include <cstdint>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace reelmill {

std::string mount_name(const std::filesystem::path& path) {
  struct statx info{};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_MNT_ID, &info) != 0 ||
      (info.stx_mask & STATX_MNT_ID) == 0)
    return {};
  // As proc(5) has it: ID PARENT DEVICE ROOT PLACE OPTIONS [OPTIONAL ...] - TYPE SOURCE OPTIONS
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::uint64_t id = 0;
    std::string parent, device, root, place, word, type, source;
    if (!(fields >> id >> parent >> device >> root >> place) || id != info.stx_mnt_id) continue;
    while (fields >> word && word != "-") {
    }
    fields >> type >> source;
    return fmt::format("{} {} {} {}", place, root, type, source);
  }
  return {};
}

}  // namespace reelmill
