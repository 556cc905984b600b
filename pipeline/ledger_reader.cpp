// SPDX-License-Identifier: Apache-2.0
#include "pipeline/ledger_reader.h"

#include "pipeline/ledger_text.h"

namespace reelmill::ledger_reader {

std::optional<KnownVideo> find(LedgerDatabase& database, const std::string& path) {
  auto row = database.statement(
      "SELECT key, state, bytes, mtime_ns, analysis_hash, claims, crashes, ran_alone,"
      " failure_class FROM video WHERE path = ?");
  if (!row.bytes(path).step()) return {};
  KnownVideo video;
  video.key = row.bytes_at(0);
  video.state = static_cast<VideoState>(row.number_at(1));
  video.bytes = static_cast<std::uint64_t>(row.number_at(2));
  video.mtime_ns = row.number_at(3);
  video.analysis_hash = row.text_at(4);
  video.upload_hashes = claims_of_row(row.bytes_at(5));
  video.crashes = static_cast<int>(row.number_at(6));
  video.ran_alone = row.number_at(7) != 0;
  video.failure_class = row.text_at(8);
  return video;
}

bool is_key_taken(LedgerDatabase& database, const std::string& key, const std::string& path) {
  const auto is_owned = [&](std::string_view name) {
    return database.statement("SELECT 1 FROM video WHERE key = ? AND path <> ?")
        .bytes(name)
        .bytes(path)
        .step();
  };
  if (is_owned(key)) return true;
  for (auto slash = key.find('/'); slash != key.npos; slash = key.find('/', slash + 1))
    if (is_owned(std::string_view(key).substr(0, slash))) return true;
  // '0' follows '/': between them lies everything below this key.
  return database.statement("SELECT 1 FROM video WHERE key > ? AND key < ? AND path <> ? LIMIT 1")
      .bytes(key + "/")
      .bytes(key + "0")
      .bytes(path)
      .step();
}

namespace {

std::vector<PendingUpload> uploads_of(LedgerStatement& rows) {
  std::vector<PendingUpload> uploads;
  while (rows.step()) {
    PendingUpload upload;
    upload.id = rows.number_at(0);
    upload.video = rows.bytes_at(1);
    upload.stage = rows.text_at(2);
    upload.file = rows.bytes_at(3);
    upload.name = rows.bytes_at(4);
    upload.content_type = rows.text_at(5);
    upload.bytes = static_cast<std::uint64_t>(rows.number_at(6));
    upload.sha256 = rows.text_at(7);
    upload.attempts = static_cast<int>(rows.number_at(8));
    upload.batch = rows.text_at(9);
    uploads.push_back(std::move(upload));
  }
  return uploads;
}

}  // namespace

std::vector<PendingUpload> pending_uploads(LedgerDatabase& database, std::int64_t after,
                                           int limit) {
  auto rows = database.statement(
      "SELECT upload.id, video.key, upload.stage, upload.file, upload.name, upload.content_type,"
      " upload.bytes, upload.sha256, upload.attempts, upload.batch"
      " FROM upload JOIN video ON video.id = upload.video"
      " WHERE upload.state = 0 AND upload.id > ? ORDER BY upload.id LIMIT ?");
  rows.number(after).number(limit);
  return uploads_of(rows);
}

std::vector<PendingUpload> batched_uploads(LedgerDatabase& database, const std::string& stage) {
  auto rows = database.statement(
      "SELECT upload.id, video.key, upload.stage, upload.file, upload.name, upload.content_type,"
      " upload.bytes, upload.sha256, upload.attempts, upload.batch"
      " FROM upload JOIN video ON video.id = upload.video"
      " WHERE upload.state = 0 AND upload.batch <> '' AND upload.stage = ? ORDER BY upload.batch,"
      " upload.id");
  rows.text(stage);
  return uploads_of(rows);
}

Ledger::Counts counts(LedgerDatabase& database) {
  Ledger::Counts counts;
  auto videos = database.statement("SELECT state, count(*) FROM video GROUP BY state");
  while (videos.step()) {
    const auto count = videos.number_at(1);
    switch (static_cast<VideoState>(videos.number_at(0))) {
      case VideoState::unfinished:
        counts.unfinished = count;
        break;
      case VideoState::in_flight:
        counts.in_flight = count;
        break;
      case VideoState::uploads_pending:
        counts.uploads_pending = count;
        break;
      case VideoState::done:
        counts.done = count;
        break;
      case VideoState::quarantined:
        counts.quarantined = count;
        break;
    }
  }
  auto uploads = database.statement(
      "SELECT coalesce(sum(state = 0), 0), coalesce(sum(state = 1), 0), coalesce(sum(sent_bytes),"
      " 0) FROM upload");
  if (uploads.step()) {
    counts.pending_objects = uploads.number_at(0);
    counts.uploaded_objects = uploads.number_at(1);
    counts.uploaded_bytes = uploads.number_at(2);
  }
  return counts;
}

namespace {

const std::string kEntryColumns =
    "SELECT path, key, status, results_sha256, state, bytes, frames, crashes, failure_stage,"
    " failure_class, failure_message, artifacts FROM video ";

template <class Rows>
Ledger::Entry entry_of_row(Rows& rows) {
  Ledger::Entry entry;
  entry.path = rows.bytes_at(0);
  entry.key = rows.bytes_at(1);
  entry.status = rows.text_at(2);
  entry.results_sha256 = rows.text_at(3);
  entry.state = static_cast<VideoState>(rows.number_at(4));
  entry.bytes = static_cast<std::uint64_t>(rows.number_at(5));
  entry.frames = rows.number_at(6);
  entry.crashes = static_cast<int>(rows.number_at(7));
  entry.reason = {rows.text_at(8), rows.text_at(9), rows.text_at(10)};
  entry.artifacts = files_of_row(rows.bytes_at(11));
  return entry;
}

}  // namespace

std::optional<Ledger::Entry> entry(LedgerDatabase& database, const std::string& path) {
  static const std::string question = kEntryColumns + "WHERE path = ?";
  auto rows = database.statement(question.c_str());
  if (!rows.bytes(path).step()) return {};
  return entry_of_row(rows);
}

Status for_each(LedgerDatabase& database, const std::function<void(const Ledger::Entry&)>& visit) {
  try {
    static const std::string question = kEntryColumns + "ORDER BY key";
    auto rows = database.statement(question.c_str());
    while (rows.step()) visit(entry_of_row(rows));
  } catch (const SQLite::Exception& exception) {
    return fail(database.explain(exception, "read"));
  }
  return {};
}

Status check_integrity(LedgerDatabase& database, const std::string& name) {
  try {
    auto rows = database.statement("PRAGMA integrity_check(1)");
    const auto answer = rows.step() ? rows.text_at(0) : std::string("no answer");
    if (answer != "ok")
      return fail(ErrorKind::invalid_input, "check {}: the ledger is damaged ({})", name, answer);
  } catch (const SQLite::Exception& exception) {
    return fail(database.explain(exception, "check"));
  }
  return {};
}

}  // namespace reelmill::ledger_reader
