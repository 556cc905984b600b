// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.h"

namespace reelmill::test {

/// One system call as strace saw it.
struct SystemCall {
  std::string name;
  std::string path;     ///< of the file or descriptor that it works on; of a rename: the old name
  std::string to_path;  ///< of a rename: the new name
  std::string data;     ///< of a write: its beginning, decoded
  int begun = 0;        ///< place among all beginnings and ends of calls
  int ended = 0;
};

/// `command` under strace; the trace of all its threads and children goes to `trace`.
Command traced(Command command, const std::filesystem::path& trace);

/// The successful calls in a trace made by traced(), in the order in which they began.
std::vector<SystemCall> parse_trace(std::string_view text);

/// A file that the ledger vouches for.
struct VouchedFile {
  std::filesystem::path file;  ///< absolute
  std::string ledger_mark;     ///< a text that the ledger writes only when it vouches for this file
  bool is_left_alone = false;  ///< it has its content from before the trace: only its folder counts
};

/// What a power loss could have destroyed though the ledger vouches for it. For every file: its
/// last write, fsync, rename to its name, fsync of its folder, the write of the mark to `wal`, and
/// an fsync of `wal`, each after the end of the one before. A file that is left alone is not
/// written again, and begins with the fsync of its folder. Empty when all is well.
std::vector<std::string> power_loss_gaps(const std::vector<SystemCall>& calls,
                                         const std::vector<VouchedFile>& files,
                                         const std::filesystem::path& wal);

}  // namespace reelmill::test
