// SPDX-License-Identifier: Apache-2.0
#include "pipeline/ledger_records.h"

#include <algorithm>
#include <optional>

#include "base/path_text.h"
#include "pipeline/ledger_text.h"

namespace reelmill::ledger_records {
namespace {

enum class UploadState { pending, uploaded, refused };

constexpr std::int64_t number(VideoState state) {
  return static_cast<std::int64_t>(state);
}
constexpr std::int64_t number(UploadState state) {
  return static_cast<std::int64_t>(state);
}

std::optional<std::int64_t> find_id(LedgerDatabase& database, const std::string& path) {
  auto row = database.statement("SELECT id FROM video WHERE path = ?");
  if (!row.bytes(path).step()) return {};
  return row.number_at(0);
}

/// The row of this file with nothing said of it but its name, size, time and crashes. A file of
/// another size or time is another video: its crashes are forgotten too.
Result<std::int64_t> fresh_row(LedgerDatabase& database, const VideoFile& file,
                               VideoState state = VideoState::unfinished, bool is_alone = false) {
  {
    auto owner = database.statement("SELECT 1 FROM video WHERE key = ? AND path <> ?");
    if (owner.bytes(file.key).bytes(file.path.native()).step())
      return fail(ErrorKind::invalid_input, "record {}: another file has the name {} in the output",
                  path_to_line(file.path.native()), path_to_line(file.key));
  }
  std::int64_t id = 0;
  {
    auto row = database.statement(
        "INSERT INTO video(path, key, bytes, mtime_ns, state, is_alone)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT(path) DO UPDATE SET key = ?2, bytes = ?3, mtime_ns = ?4, state = ?5,"
        " crashes = iif(bytes = ?3 AND mtime_ns = ?4, crashes, 0),"
        " ran_alone = iif(bytes = ?3 AND mtime_ns = ?4, ran_alone, 0),"
        " is_alone = ?6, analysis_hash = '', status = '', frames = 0, results_sha256 = '',"
        " artifacts = x'', claims = x'', failure_stage = '', failure_class = '',"
        " failure_message = '' RETURNING id");
    row.bytes(file.path.native())
        .bytes(file.key)
        .number(static_cast<std::int64_t>(file.bytes))
        .number(file.mtime_ns)
        .number(number(state))
        .number(is_alone ? 1 : 0);
    if (!row.step())
      return fail(ErrorKind::internal, "record {}: no row", path_to_line(file.path.native()));
    id = row.number_at(0);
  }
  database.statement("DELETE FROM upload WHERE video = ?").number(id).execute();
  return id;
}

void set_failure(LedgerDatabase& database, std::int64_t video, const QuarantineReason& reason) {
  database
      .statement(
          "UPDATE video SET state = ?, failure_stage = ?, failure_class = ?, failure_message = ?"
          " WHERE id = ?")
      .number(number(VideoState::quarantined))
      .text(reason.stage)
      .text(reason.failure_class)
      .text(reason.message)
      .number(video)
      .execute();
}

void add_items(LedgerDatabase& database, std::int64_t video, const UploadClaim& claim) {
  for (const auto& item : claim.items)
    database
        .statement(
            "INSERT INTO upload(video, stage, file, name, content_type, bytes, sha256, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0)")
        .number(video)
        .text(claim.stage)
        .bytes(item.file)
        .bytes(item.name)
        .text(item.content_type)
        .number(static_cast<std::int64_t>(item.bytes))
        .text(item.sha256)
        .execute();
}

bool has_items(LedgerDatabase& database, std::int64_t video, UploadState state) {
  return database.statement("SELECT 1 FROM upload WHERE video = ? AND state = ? LIMIT 1")
      .number(video)
      .number(number(state))
      .step();
}

/// An analysed video waits as long as it has items to send. One in quarantine stays there.
void settle(LedgerDatabase& database, std::int64_t video) {
  const bool is_waiting = has_items(database, video, UploadState::pending);
  database.statement("UPDATE video SET state = ? WHERE id = ? AND state IN (?, ?)")
      .number(number(is_waiting ? VideoState::uploads_pending : VideoState::done))
      .number(video)
      .number(number(VideoState::uploads_pending))
      .number(number(VideoState::done))
      .execute();
}

std::optional<std::int64_t> video_of_pending(LedgerDatabase& database, std::int64_t upload) {
  auto row = database.statement("SELECT video FROM upload WHERE id = ? AND state = 0");
  if (!row.number(upload).step()) return {};
  return row.number_at(0);
}

/// Should the stage return, it has not sent this video.
void forget_claim(LedgerDatabase& database, std::int64_t video, const std::string& stage) {
  std::vector<std::pair<std::string, std::string>> claims;
  {
    auto row = database.statement("SELECT claims FROM video WHERE id = ?");
    if (!row.number(video).step()) return;
    claims = claims_of_row(row.bytes_at(0));
  }
  if (std::erase_if(claims, [&](const auto& claim) { return claim.first == stage; }) == 0) return;
  database.statement("UPDATE video SET claims = ? WHERE id = ?")
      .bytes(to_row(claims))
      .number(video)
      .execute();
}

}  // namespace

std::vector<std::string> begin_run(LedgerDatabase& database, const std::string& run_id) {
  std::vector<std::string> paths;
  {
    auto rows = database.statement("SELECT path FROM video WHERE state = ? ORDER BY id");
    rows.number(number(VideoState::in_flight));
    while (rows.step()) paths.push_back(rows.bytes_at(0));
  }
  database
      .statement(
          "UPDATE video SET state = ?, crashes = crashes + 1, ran_alone = is_alone, is_alone = 0"
          " WHERE state = ?")
      .number(number(VideoState::unfinished))
      .number(number(VideoState::in_flight))
      .execute();
  database.statement("INSERT INTO run(id) VALUES (?)").text(run_id).execute();
  return paths;
}

void end_run(LedgerDatabase& database) {
  database.statement("UPDATE run SET has_ended = 1 WHERE number = (SELECT max(number) FROM run)")
      .execute();
}

Status mark_in_flight(LedgerDatabase& database, const VideoFile& file, InFlight company) {
  REELMILL_TRY(fresh_row(database, file, VideoState::in_flight, company == InFlight::alone));
  return {};
}

Status release(LedgerDatabase& database, const VideoFile& file) {
  database.statement("UPDATE video SET state = ?, is_alone = 0 WHERE path = ? AND state = ?")
      .number(number(VideoState::unfinished))
      .bytes(file.path.native())
      .number(number(VideoState::in_flight))
      .execute();
  return {};
}

Status record_analyzed(LedgerDatabase& database, const AnalyzedVideo& video) {
  REELMILL_ASSIGN(const auto id, fresh_row(database, video.file));
  std::vector<std::pair<std::string, std::string>> claims;
  bool is_waiting = false;
  for (const auto& claim : video.uploads) {
    claims.emplace_back(claim.stage, claim.stage_hash);
    is_waiting = is_waiting || !claim.items.empty();
    add_items(database, id, claim);
  }
  database
      .statement(
          "UPDATE video SET state = ?, crashes = 0, ran_alone = 0, analysis_hash = ?, status = ?,"
          " frames = ?, results_sha256 = ?, artifacts = ?, claims = ? WHERE id = ?")
      .number(number(is_waiting ? VideoState::uploads_pending : VideoState::done))
      .text(video.analysis_hash)
      .text(video.status)
      .number(video.frames)
      .text(video.results_sha256)
      .bytes(to_row(video.artifacts))
      .bytes(to_row(claims))
      .number(id)
      .execute();
  return {};
}

Status record_quarantined(LedgerDatabase& database, const VideoFile& file,
                          const QuarantineReason& reason) {
  REELMILL_ASSIGN(const auto id, fresh_row(database, file));
  set_failure(database, id, reason);
  return {};
}

Status replace_uploads(LedgerDatabase& database, const std::string& path,
                       const std::vector<UploadClaim>& claims) {
  const auto id = find_id(database, path);
  if (!id)
    return fail(ErrorKind::invalid_input, "send the files of {}: the ledger does not know it",
                path_to_line(path));
  std::vector<std::pair<std::string, std::string>> all;
  {
    auto row = database.statement("SELECT claims FROM video WHERE id = ? AND analysis_hash <> ''");
    if (!row.number(*id).step())
      return fail(ErrorKind::invalid_input, "send the files of {}: it is not analysed",
                  path_to_line(path));
    all = claims_of_row(row.bytes_at(0));
  }
  for (const auto& claim : claims) {
    database.statement("DELETE FROM upload WHERE video = ? AND stage = ?")
        .number(*id)
        .text(claim.stage)
        .execute();
    add_items(database, *id, claim);
    std::erase_if(all, [&](const auto& earlier) { return earlier.first == claim.stage; });
    all.emplace_back(claim.stage, claim.stage_hash);
  }
  // A refusal by the configuration that was replaced is no reason any more.
  if (!has_items(database, *id, UploadState::refused))
    database
        .statement(
            "UPDATE video SET state = ?, failure_stage = '', failure_class = '',"
            " failure_message = '' WHERE id = ? AND state = ?")
        .number(number(VideoState::done))
        .number(*id)
        .number(number(VideoState::quarantined))
        .execute();
  database.statement("UPDATE video SET claims = ? WHERE id = ?")
      .bytes(to_row(all))
      .number(*id)
      .execute();
  settle(database, *id);
  return {};
}

void record_uploaded(LedgerDatabase& database, std::int64_t id, const std::string& location,
                     std::uint64_t bytes) {
  const auto video = video_of_pending(database, id);
  if (!video) return;
  database
      .statement(
          "UPDATE upload SET state = ?, location = ?, sent_bytes = ?, attempts = attempts + 1"
          " WHERE id = ?")
      .number(number(UploadState::uploaded))
      .text(location)
      .number(static_cast<std::int64_t>(bytes))
      .number(id)
      .execute();
  settle(database, *video);
}

void record_upload_refused(LedgerDatabase& database, std::int64_t id,
                           const QuarantineReason& reason) {
  const auto video = video_of_pending(database, id);
  if (!video) return;
  database
      .statement(
          "UPDATE upload SET state = ?, last_error = ?, attempts = attempts + 1 WHERE id = ?")
      .number(number(UploadState::refused))
      .text(reason.message)
      .number(id)
      .execute();
  set_failure(database, *video, reason);
}

void record_upload_attempt(LedgerDatabase& database, std::int64_t id, const std::string& message) {
  database
      .statement(
          "UPDATE upload SET attempts = attempts + 1, last_error = ? WHERE id = ? AND state = 0")
      .text(message)
      .number(id)
      .execute();
}

void record_batch(LedgerDatabase& database, const std::vector<std::int64_t>& ids,
                  const std::string& batch) {
  for (const auto id : ids)
    database.statement("UPDATE upload SET batch = ? WHERE id = ? AND state = 0")
        .text(batch)
        .number(id)
        .execute();
}

std::int64_t drop_uploads_except(LedgerDatabase& database, const std::vector<std::string>& stages) {
  struct Dropped {
    std::int64_t item, video;
    std::string stage;
  };
  std::vector<Dropped> dropped;
  {
    auto rows = database.statement("SELECT id, video, stage FROM upload WHERE state = 0");
    while (rows.step())
      if (std::find(stages.begin(), stages.end(), rows.text_at(2)) == stages.end())
        dropped.push_back({rows.number_at(0), rows.number_at(1), rows.text_at(2)});
  }
  for (const auto& [item, video, stage] : dropped) {
    database.statement("DELETE FROM upload WHERE id = ?").number(item).execute();
    forget_claim(database, video, stage);
    settle(database, video);
  }
  return static_cast<std::int64_t>(dropped.size());
}

std::int64_t forget_quarantined(LedgerDatabase& database, const std::string& failure_class) {
  std::vector<std::pair<std::int64_t, bool>> videos;  // (id, its analysis stands)
  {
    auto rows = database.statement(
        "SELECT id, analysis_hash <> '' FROM video"
        " WHERE state = ?1 AND (?2 = '' OR failure_class = ?2)");
    rows.number(number(VideoState::quarantined)).text(failure_class);
    while (rows.step()) videos.emplace_back(rows.number_at(0), rows.number_at(1) != 0);
  }
  for (const auto& [id, is_analyzed] : videos) {
    database
        .statement(
            "UPDATE video SET state = ?, crashes = 0, ran_alone = 0, failure_stage = '',"
            " failure_class = '', failure_message = '' WHERE id = ?")
        .number(number(is_analyzed ? VideoState::done : VideoState::unfinished))
        .number(id)
        .execute();
    if (!is_analyzed) continue;
    database
        .statement(
            "UPDATE upload SET state = ?, attempts = 0, batch = '' WHERE video = ? AND state = ?")
        .number(number(UploadState::pending))
        .number(id)
        .number(number(UploadState::refused))
        .execute();
    settle(database, id);
  }
  return static_cast<std::int64_t>(videos.size());
}

}  // namespace reelmill::ledger_records
