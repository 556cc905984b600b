// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/ledger.h"
#include "pipeline/ledger_database.h"

/// The changes of the ledger, each within the transaction that the caller has begun. SQLite's
/// exceptions pass through.
namespace reelmill::ledger_records {

std::vector<std::string> begin_run(LedgerDatabase& database, const std::string& run_id);
void end_run(LedgerDatabase& database);
Status mark_in_flight(LedgerDatabase& database, const VideoFile& file, InFlight company);
Status release(LedgerDatabase& database, const VideoFile& file);
Status record_analyzed(LedgerDatabase& database, const AnalyzedVideo& video);
Status record_quarantined(LedgerDatabase& database, const VideoFile& file,
                          const QuarantineReason& reason);
Status replace_uploads(LedgerDatabase& database, const std::string& path,
                       const std::vector<UploadClaim>& claims);
void record_uploaded(LedgerDatabase& database, std::int64_t id, const std::string& location,
                     std::uint64_t bytes);
void record_upload_refused(LedgerDatabase& database, std::int64_t id,
                           const QuarantineReason& reason);
void record_upload_attempt(LedgerDatabase& database, std::int64_t id, const std::string& message);
void record_batch(LedgerDatabase& database, const std::vector<std::int64_t>& ids,
                  const std::string& batch);
std::int64_t drop_uploads_except(LedgerDatabase& database, const std::vector<std::string>& stages);
std::int64_t forget_quarantined(LedgerDatabase& database, const std::string& failure_class);

}  // namespace reelmill::ledger_records
