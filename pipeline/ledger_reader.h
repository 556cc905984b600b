// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "pipeline/ledger.h"
#include "pipeline/ledger_database.h"

/// The questions to the ledger. SQLite's exceptions pass through, except from `with`, `for_each`
/// and `check_integrity`.
namespace reelmill::ledger_reader {

std::optional<KnownVideo> find(LedgerDatabase& database, const std::string& path);
std::optional<Ledger::Entry> entry(LedgerDatabase& database, const std::string& path);
bool is_key_taken(LedgerDatabase& database, const std::string& key, const std::string& path);
std::vector<PendingUpload> pending_uploads(LedgerDatabase& database, std::int64_t after, int limit);
std::vector<PendingUpload> batched_uploads(LedgerDatabase& database, const std::string& stage);
Ledger::Counts counts(LedgerDatabase& database);
Status for_each(LedgerDatabase& database, const std::function<void(const Ledger::Entry&)>& visit);
Status check_integrity(LedgerDatabase& database, const std::string& name);

/// Asks one question under the lock, with SQLite's exceptions as errors.
template <class Question>
auto with(LedgerDatabase& database, std::mutex& mutex, Question&& question)
    -> Result<std::invoke_result_t<Question, LedgerDatabase&>> {
  const std::lock_guard lock(mutex);
  try {
    return question(database);
  } catch (const SQLite::Exception& exception) {
    return fail(database.explain(exception, "read"));
  }
}

}  // namespace reelmill::ledger_reader
