// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reelmill {

/// Raise it when the tables change, and say in ledger_database.cpp how older ones are carried over.
inline constexpr int kLedgerSchemaVersion = 2;
/// Marks the file as ours in its header: "Reel".
inline constexpr int kLedgerApplicationId = 0x5265656c;

/// Lists within a row (artifacts, claims) are texts that each end with NUL. Numbers in `state` are
/// those of VideoState and UploadState.
inline constexpr const char* kLedgerSchema = R"sql(
CREATE TABLE run (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  has_ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE video (
  id INTEGER PRIMARY KEY,
  path BLOB NOT NULL UNIQUE,
  key BLOB NOT NULL UNIQUE,
  state INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  is_alone INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  ran_alone INTEGER NOT NULL DEFAULT 0,
  analysis_hash TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  frames INTEGER NOT NULL DEFAULT 0,
  results_sha256 TEXT NOT NULL DEFAULT '',
  artifacts BLOB NOT NULL DEFAULT x'',
  claims BLOB NOT NULL DEFAULT x'',
  failure_stage TEXT NOT NULL DEFAULT '',
  failure_class TEXT NOT NULL DEFAULT '',
  failure_message TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX video_state ON video(state);
CREATE TABLE upload (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  video INTEGER NOT NULL REFERENCES video(id),
  stage TEXT NOT NULL,
  file BLOB NOT NULL,
  name BLOB NOT NULL,
  content_type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  location TEXT NOT NULL DEFAULT '',
  sent_bytes INTEGER NOT NULL DEFAULT 0,
  batch TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX upload_of_video ON upload(video, state);
CREATE INDEX upload_pending ON upload(id) WHERE state = 0;
CREATE INDEX upload_batched ON upload(batch) WHERE state = 0 AND batch <> '';
PRAGMA application_id = 1382376812;
PRAGMA user_version = 2;
)sql";

/// From version 1: which batch an item was first sent with.
inline constexpr const char* kLedgerFrom1To2 = R"sql(
ALTER TABLE upload ADD COLUMN batch TEXT NOT NULL DEFAULT '';
CREATE INDEX upload_batched ON upload(batch) WHERE state = 0 AND batch <> '';
PRAGMA user_version = 2;
)sql";

}  // namespace reelmill
