// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "resilience/batch_history.h"
#include "resilience/batch_snapshot.h"
#include "stages/api/video.h"

namespace reelmill {

/// Where a video stands. Every video ends in `done` or `quarantined`, exactly once.
enum class VideoState {
  unfinished,       ///< known, and not under way: stopped, died with its run, or to be retried
  in_flight,        ///< this run works on it (or, without a run, died with it)
  uploads_pending,  ///< analysed; something waits for an external service
  done,
  quarantined
};

std::string_view to_string(VideoState state) noexcept;

/// Whether a video shares the process with others: what a crash then says about it.
enum class InFlight { alone, with_others };

/// Why a video ended in quarantine: where, what kind, and the full text for people.
struct QuarantineReason {
  std::string stage;          ///< id of the stage, `decode`
  std::string failure_class;  ///< `empty`, `not_media`, `encrypted`, `no_decoder`, `stalled`,
                              ///< `crashed`, ...
  std::string message;
};

/// A file in the output folder as it was written.
struct WrittenFile {
  std::string file;  ///< relative to the output folder, raw bytes
  std::uint64_t bytes = 0;
  std::string sha256;
  std::string stage = {};  ///< id of the stage whose artifact it is; empty: not known, or none
};

/// A file that waits for an external service.
struct PendingUpload {
  std::int64_t id = 0;  ///< given by the ledger
  std::string video;    ///< key of the video
  std::string stage;    ///< id of the call stage
  std::string file;     ///< relative to the output folder, raw bytes
  std::string name;     ///< name at the service, raw bytes
  std::string content_type;
  std::uint64_t bytes = 0;
  std::string sha256;
  int attempts = 0;
  std::string batch;  ///< where batches become objects: the one it was sent with; or empty
};

/// One call stage's claim on a finished video: its configuration and what it has to send.
struct UploadClaim {
  std::string stage;
  std::string stage_hash;
  std::vector<PendingUpload> items;
};

/// A video whose results are on disk.
struct AnalyzedVideo {
  VideoFile file;
  std::string analysis_hash;  ///< of all stages that are not calls
  std::string status;         ///< done, partial, audio-only, image-only
  std::int64_t frames = 0;
  std::string results_sha256;          ///< of the results file, for verify
  std::vector<WrittenFile> artifacts;  ///< all that belong to this video
  std::vector<UploadClaim> uploads;    ///< no items in any of them: the video is `done` at once
};

/// What the ledger knows of a path.
struct KnownVideo {
  std::string key;  ///< a known path keeps it, or its earlier results would have no entry
  VideoState state = VideoState::unfinished;
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
  std::string analysis_hash;  ///< empty where no analysis stands
  std::vector<std::pair<std::string, std::string>> upload_hashes;  ///< (stage, stage_hash)
  int crashes = 0;         ///< how many runs died while this version of it was in flight
  bool ran_alone = false;  ///< the last crash hit it while nothing else was in flight
  std::string failure_class;
};

/// The SQLite file that knows what is done. One process at a time may write it (a lock beside it
/// says who). Writes are queued, grouped into transactions (`synchronous=FULL`), and answered from
/// the ledger's own thread once they are on disk; reads see what is on disk. A failed write changes
/// nothing and fails alone, except when the disk does: then all writes of its group fail.
/// Thread-safe. Keys, paths and names are raw bytes without NUL.
class Ledger {
 public:
  /// Called once, on the ledger's thread, after the commit: be quick, and call nothing here that
  /// waits for the ledger. Errors: exhausted (with the bytes needed), invalid_input (the key
  /// belongs to another path, the path is unknown), unavailable (the disk failed), internal (the
  /// file is damaged).
  using Done = std::function<void(Status)>;

  /// `folder` holds `ledger.sqlite`; both are made when missing. Errors: rejected when another
  /// process has it (the text names its process id), denied, exhausted, invalid_input (a newer
  /// schema, not a ledger, damaged, on a network filesystem).
  static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& folder);
  /// For `status`, `report` and `verify`: reads while a run may be writing. Every write fails.
  /// Errors: not_found when there is no ledger, and as above.
  static Result<std::unique_ptr<Ledger>> open_read_only(const std::filesystem::path& folder);
  /// The process that has the ledger in `folder` open for writing, if any. Takes no lock.
  static std::optional<int> writer_of(const std::filesystem::path& folder);
  ~Ledger();  ///< commits what is queued

  /// Counts a crash for every video that an earlier run left in flight, and returns their paths.
  Result<std::vector<std::string>> begin_run(const std::string& run_id);
  void end_run();

  Result<std::optional<KnownVideo>> find(const std::filesystem::path& path) const;
  /// True when another path owns this key, a folder above it, or something below it: so two videos
  /// never meet in one file, and no video's folder lies inside another's.
  bool is_key_taken(const std::string& key, const std::filesystem::path& by_other_than) const;

  /// Forgets what was known of this path but its crashes, and these too when size or time differ.
  void mark_in_flight(const VideoFile& file, InFlight company, Done done);
  /// The run stops before this video ended: it stays unfinished, and no crash is counted.
  void release(const VideoFile& file, Done done);
  void record_analyzed(AnalyzedVideo video, Done done);
  void record_quarantined(const VideoFile& file, QuarantineReason reason, Done done);
  /// New call stages, or ones whose configuration changed, on a video whose analysis stands.
  /// Each claim replaces that stage's earlier one; claims of other stages stay.
  void replace_uploads(const std::filesystem::path& path, std::vector<UploadClaim> claims,
                       Done done);
  /// The item has arrived. The last one makes its video `done`. An id that was dropped meanwhile is
  /// no error.
  void record_uploaded(std::int64_t upload_id, const std::string& location, std::uint64_t bytes,
                       Done done);
  /// The same for items that have arrived as one object: all of them or, after a crash, none.
  struct Uploaded {
    std::int64_t id = 0;
    std::uint64_t bytes = 0;
  };
  void record_uploaded(std::vector<Uploaded> items, const std::string& location, Done done);
  /// The item cannot arrive, ever: the video goes to quarantine with the reason; its results and
  /// its other items stay.
  void record_upload_refused(std::int64_t upload_id, QuarantineReason reason, Done done);
  /// One more failed attempt, for the record; the item stays pending.
  void record_upload_attempt(std::int64_t upload_id, const std::string& message);
  /// These items are about to be sent as one object of this name: from the commit on, a later run
  /// sends the same object again rather than its items in another.
  void record_batch(std::vector<std::int64_t> upload_ids, const std::string& batch, Done done);
  /// Waits until everything queued so far is on disk; the first error since the last flush.
  Status flush();

  /// Drops what waits for stages that are not configured any more. Returns how many items; videos
  /// without any left become `done`.
  Result<std::int64_t> drop_uploads_except(const std::vector<std::string>& stages);
  /// Pending uploads with id > after, oldest first.
  Result<std::vector<PendingUpload>> pending_uploads(std::int64_t after, int limit) const;

  /// All pending uploads of this stage that have a batch, by batch.
  Result<std::vector<PendingUpload>> batched_uploads(const std::string& stage) const;

  struct Counts {
    std::int64_t unfinished = 0, in_flight = 0, uploads_pending = 0, done = 0, quarantined = 0;
    std::int64_t pending_objects = 0, uploaded_objects = 0, uploaded_bytes = 0;
  };
  Result<Counts> counts() const;

  struct Entry {
    std::string path, key, status;
    std::string results_sha256;  ///< empty where there are no results
    VideoState state = VideoState::unfinished;
    std::uint64_t bytes = 0;
    std::int64_t frames = 0;
    int crashes = 0;
    QuarantineReason reason;
    std::vector<WrittenFile> artifacts;
  };
  /// All that is known of one path.
  Result<std::optional<Entry>> entry(const std::filesystem::path& path) const;
  /// Calls `visit` for every video, by key: one moment's state, whatever is written meanwhile.
  Status for_each(const std::function<void(const Entry&)>& visit) const;

  /// For `retry`: takes videos out of quarantine (all when empty, or one class), so that the next
  /// run does them again. Where only an upload was refused, only the upload is tried again.
  /// Returns how many.
  Result<std::int64_t> forget_quarantined(const std::string& failure_class);

  /// Reads the whole file and proves its structure. For `verify --deep`.
  Status check_integrity() const;

  /// What the ledger has done since it was opened, for reports and tests.
  struct Activity {
    std::uint64_t writes = 0, commits = 0;
    std::uint64_t statements_prepared = 0;  ///< by find, is_key_taken and pending_uploads
    std::uint64_t rows_scanned = 0;         ///< by them, without an index
    BatchSnapshot batching;                 ///< writes into transactions
    BatchHistory transactions;
  };
  Activity activity() const;

 private:
  struct State;
  explicit Ledger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace reelmill
