// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"

namespace reelmill {

/// The right to write one output folder: a lock on `ledger.lock`, which holds the process id of its
/// owner as text. The lock goes with the object or its process, however that ends. Another thread
/// may destroy it.
class LedgerLock {
 public:
  /// Errors: rejected (`another run (process 1234) is using OUT`), denied, exhausted, unavailable.
  static Result<LedgerLock> acquire(const std::filesystem::path& folder);
  /// The process that holds the lock of `folder`, if any; asks without taking it.
  static std::optional<int> holder_of(const std::filesystem::path& folder);

  LedgerLock(LedgerLock&& other) noexcept;
  LedgerLock& operator=(LedgerLock&&) = delete;
  ~LedgerLock();

 private:
  explicit LedgerLock(int file) : file_(file) {}
  int file_;
};

}  // namespace reelmill
