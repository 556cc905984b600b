// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace reelmill::test {

/// A new, empty folder that is removed with everything in it when the object goes, also where a
/// test took its write permission away. Owned by one thread.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  /// Writes a file, with the folders it needs, and returns its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// The whole file; a test failure and an empty text when it cannot be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace reelmill::test
