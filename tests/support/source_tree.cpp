// SPDX-License-Identifier: Apache-2.0
#include "tests/support/source_tree.h"

#include <fstream>
#include <stdexcept>

namespace reelmill::test {

std::filesystem::path build_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
}

std::filesystem::path source_folder() {
  constexpr std::string_view kKey = "CMAKE_HOME_DIRECTORY:INTERNAL=";
  std::ifstream cache(build_folder() / "CMakeCache.txt");
  for (std::string line; std::getline(cache, line);)
    if (line.starts_with(kKey)) return line.substr(kKey.size());
  throw std::runtime_error("no CMakeCache.txt in " + build_folder().native());
}

}  // namespace reelmill::test
