// SPDX-License-Identifier: Apache-2.0
#include "pipeline/ledger_writer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <sqlite3.h>

#include "base/fail_point.h"

namespace reelmill {
namespace {

/// What the log of one write may take: the pages of a row, its indexes and a parent each.
constexpr std::uint64_t kLogBytesPerWrite = 6 * (4096 + 24);

/// All that waits leaves at once, as one transaction: it costs a flush whatever it holds, and
/// whoever comes later is not kept waiting by company. Bounded, so that its log and its answers are
/// too.
BatchOptions group_commit() {
  return {.strategy = BatchStrategy::fixed,
          .initial_batch_size = 4096,
          .max_batch_size = 4096,
          .max_wait = Duration::zero(),
          .max_bytes = std::size_t{64} << 20,
          .max_in_flight = 1};
}

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
    : database_(database), queue_(group_commit(), system_clock()), thread_([this] { run(); }) {}

LedgerWriter::~LedgerWriter() {
  const std::lock_guard lock(mutex_);
  is_closing_ = true;
  arrived_.notify_one();
}

void LedgerWriter::submit(LedgerWrite write) {
  const std::lock_guard lock(mutex_);
  const auto bytes = static_cast<std::size_t>(write.payload_bytes + kLogBytesPerWrite);
  queue_.add_item(std::move(write), bytes);
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

BatchSnapshot LedgerWriter::batching() const {
  const std::lock_guard lock(mutex_);
  return queue_.snapshot();
}

BatchHistory LedgerWriter::transactions() const {
  const std::lock_guard lock(mutex_);
  return queue_.history();
}

void LedgerWriter::run() {
  for (;;) {
    std::optional<Batch<LedgerWrite>> group;
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [&] { return is_closing_ || submitted_ > finished_; });
      group = queue_.next(true);
      if (!group) return;
    }
    const auto began = system_clock().now();
    const int written = commit(group->items);
    const std::lock_guard lock(mutex_);
    queue_.completed({.n = static_cast<int>(group->items.size()),
                      .bytes = group->bytes,
                      .service_time = system_clock().now() - began,
                      .succeeded = written});
    finished_ += group->items.size();
    answered_.notify_all();
  }
}

int LedgerWriter::commit(std::vector<LedgerWrite>& group) {
  std::vector<Status> outcomes(group.size());
  Status outcome;
  try {
    database_.statement("BEGIN IMMEDIATE").execute();
    if (!apply_all(group)) {
      database_.abandon_transaction();
      database_.statement("BEGIN IMMEDIATE").execute();
      for (std::size_t i = 0; i < group.size(); ++i) outcomes[i] = apply(group[i]);
    }
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
  const auto written = std::count_if(outcomes.begin(), outcomes.end(),
                                     [](const Status& each) { return bool(each); });
  for (std::size_t i = 0; i < group.size(); ++i)
    if (group[i].done) group[i].done(std::move(outcomes[i]));
  return static_cast<int>(written);
}

bool LedgerWriter::apply_all(std::vector<LedgerWrite>& group) {
  try {
    for (auto& write : group)
      if (!write.apply(database_)) return false;
  } catch (const SQLite::Exception& exception) {
    if (!concerns_this_write_only(exception)) throw;
    return false;
  }
  return true;
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
