// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "pipeline/ledger_database.h"
#include "resilience/adaptive_batcher.h"

namespace reelmill {

/// One change of the ledger that waits to be written.
struct LedgerWrite {
  std::function<Status(LedgerDatabase&)> apply;  ///< may let SQLite's exceptions out
  std::function<void(Status)> done;              ///< may be empty
  std::uint64_t payload_bytes = 0;
};

/// Group commit: a thread that takes the writes queued so far, as many as a batch holds, puts them
/// into one transaction, and answers them after its COMMIT, in order. It never waits for company:
/// what arrives while one group is on its way to the disk is the next group. A write that fails is
/// undone alone; where the disk fails, the whole group is. Does not own the database, which nobody
/// else may use. Thread-safe.
class LedgerWriter {
 public:
  explicit LedgerWriter(LedgerDatabase& database);
  ~LedgerWriter();  ///< commits what is queued
  LedgerWriter(const LedgerWriter&) = delete;
  LedgerWriter& operator=(const LedgerWriter&) = delete;

  void submit(LedgerWrite write);
  /// Waits until everything submitted so far is answered. The first error since the last flush.
  Status flush();

  std::uint64_t writes() const;
  std::uint64_t commits() const;
  BatchSnapshot batching() const;
  BatchHistory transactions() const;

 private:
  void run();
  /// How many were written.
  int commit(std::vector<LedgerWrite>& group);
  /// False when one fails. Savepoints would cost as much as the writes, and hardly ever does one.
  bool apply_all(std::vector<LedgerWrite>& group);
  /// Undone alone when it fails.
  Status apply(LedgerWrite& write);

  LedgerDatabase& database_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_, answered_;
  AdaptiveBatcher<LedgerWrite> queue_;
  std::uint64_t submitted_ = 0, finished_ = 0, commits_ = 0;
  bool is_closing_ = false;
  Status first_error_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace reelmill
