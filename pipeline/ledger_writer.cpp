// SPDX-License-Identifier: Apache-2.0
#include "pipeline/ledger_writer.h"

#include <exception>
#include <utility>

#include <sqlite3.h>

#include "base/fail_point.h"

namespace reelmill {
namespace {

/// What the log of one write may take: the pages of a row, its indexes and a parent each.
constexpr std::uint64_t kLogBytesPerWrite = 6 * (4096 + 24);

bool concerns_this_write_only(const SQLite::Exception& exception) {
  const int code = exception.getErrorCode() & 0xff;
  return code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH || code == SQLITE_TOOBIG ||
         code == SQLITE_RANGE;
}

std::uint64_t log_bytes(const std::vector<LedgerWrite>& group) {
  std::uint64_t bytes = 0;
  for (const auto& write : group) bytes += write.payload_bytes + kLogBytesPerWrite;
  return bytes;
}

}  // namespace

LedgerWriter::LedgerWriter(LedgerDatabase& database)
    : database_(database), thread_([this] { run(); }) {}

LedgerWriter::~LedgerWriter() {
  const std::lock_guard lock(mutex_);
  is_closing_ = true;
  arrived_.notify_one();
}

void LedgerWriter::submit(LedgerWrite write) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(write));
  ++submitted_;
  arrived_.notify_one();
}

Status LedgerWriter::flush() {
  std::unique_lock lock(mutex_);
  const auto until = submitted_;
  answered_.wait(lock, [&] { return finished_ >= until; });
  return std::exchange(first_error_, Status{});
}

std::uint64_t LedgerWriter::writes() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

std::uint64_t LedgerWriter::commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}

void LedgerWriter::run() {
  for (;;) {
    std::vector<LedgerWrite> group;
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [&] { return is_closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      group.swap(queue_);
    }
    commit(group);
    const std::lock_guard lock(mutex_);
    finished_ += group.size();
    answered_.notify_all();
  }
}

void LedgerWriter::commit(std::vector<LedgerWrite>& group) {
  std::vector<Status> outcomes(group.size());
  Status outcome;
  try {
    database_.statement("BEGIN IMMEDIATE").execute();
    for (std::size_t i = 0; i < group.size(); ++i) outcomes[i] = apply(group[i]);
    if (fail_point("ledger.before_commit"))
      outcome = fail(ErrorKind::unavailable, "write the ledger: a test says so");
    else
      database_.statement("COMMIT").execute();
  } catch (const SQLite::Exception& exception) {
    outcome = fail(database_.explain(exception, "write", log_bytes(group)));
  } catch (const std::exception& exception) {
    outcome = fail(ErrorKind::internal, "write the ledger: {}", exception.what());
  }
  if (!outcome) {
    database_.abandon_transaction();
    outcomes.assign(group.size(), outcome);
  } else {
    fail_point("ledger.after_commit");
  }
  {
    const std::lock_guard lock(mutex_);
    if (outcome) ++commits_;
    for (const auto& each : outcomes)
      if (!each && first_error_) first_error_ = each;
  }
  for (std::size_t i = 0; i < group.size(); ++i)
    if (group[i].done) group[i].done(std::move(outcomes[i]));
}

Status LedgerWriter::apply(LedgerWrite& write) {
  database_.statement("SAVEPOINT one").execute();
  Status status;
  try {
    status = write.apply(database_);
  } catch (const SQLite::Exception& exception) {
    if (!concerns_this_write_only(exception)) throw;
    status = fail(database_.explain(exception, "write"));
  }
  if (!status) database_.statement("ROLLBACK TO one").execute();
  database_.statement("RELEASE one").execute();
  return status;
}

}  // namespace reelmill
