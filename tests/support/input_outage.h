// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/temp_folder.h"

namespace reelmill::test {

/// Lets a child process lose a folder for a while, as when a network mount goes away: between
/// begin() and end() every look-up and read below the folder fails. Put environment() into its
/// Command. All methods may be called while the child runs.
class InputOutage {
 public:
  /// `folder` is canonical. EIO, ESTALE and ENOTCONN are what mounts answer.
  explicit InputOutage(std::filesystem::path folder, int error_number = EIO);

  std::vector<std::pair<std::string, std::string>> environment() const;
  void begin() const;
  void end() const;
  /// How many calls have failed so far.
  std::size_t failures() const;

 private:
  std::filesystem::path folder_;
  int error_number_;
  TempFolder state_;
};

}  // namespace reelmill::test
