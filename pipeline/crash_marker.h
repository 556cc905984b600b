// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace reelmill {

/// How the run before this one ended, as far as it left evidence.
enum class LastEnd {
  orderly,  ///< it said goodbye, or there was none
  crashed,  ///< a fatal signal of its own making (SIGSEGV, SIGABRT, ...), or the kernel ran out of
            ///< memory meanwhile
  stopped,  ///< ended from outside without a word: SIGKILL, power, reboot
};

/// Leaves evidence of a crash in the output folder. On a fatal signal a note is written and the
/// signal goes on; for kills by the kernel for want of memory the kernel's own counter is compared.
/// One a process.
class CrashMarker {
 public:
  explicit CrashMarker(const std::filesystem::path& folder);
  ~CrashMarker();  ///< an orderly end
  CrashMarker(const CrashMarker&) = delete;
  CrashMarker& operator=(const CrashMarker&) = delete;

  LastEnd last_end() const { return last_end_; }

 private:
  std::filesystem::path file_;
  LastEnd last_end_ = LastEnd::orderly;
};

}  // namespace reelmill
