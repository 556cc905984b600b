// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "stages/api/video.h"

namespace reelmill {

/// Where a video stands. Every video ends in `done` or `quarantined`, exactly once.
enum class VideoState { in_flight, uploads_pending, done, quarantined };

/// Why a video ended in quarantine: where, what kind, and the full text for people.
struct QuarantineReason {
  std::string stage;          ///< id of the stage, `decode`
  std::string failure_class;  ///< `empty`, `not_media`, `encrypted`, `no_decoder`, `stalled`,
                              ///< `crashed`, ...
  std::string message;
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
  std::vector<std::string> artifacts;  ///< relative to the output folder, raw bytes
  std::vector<UploadClaim> uploads;    ///< empty lists make the video `done` at once
};

/// What the ledger knows of a path.
struct KnownVideo {
  std::string key;
  VideoState state = VideoState::in_flight;
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
  std::string analysis_hash;
  std::vector<std::pair<std::string, std::string>> upload_hashes;  ///< (stage, stage_hash)
  int crashes = 0;         ///< how many runs died while it was in flight
  bool ran_alone = false;  ///< the last crash hit it while nothing else was in flight
  std::string failure_class;
};

/// The SQLite file that knows what is done. One process at a time may write it (a lock beside it
/// says who). Writes are queued, grouped into transactions (`synchronous=FULL`), and answered from
/// the ledger's own thread once they are on disk. Thread-safe.
class Ledger {
 public:
  using Done = std::function<void(Status)>;

  /// `folder` holds `ledger.sqlite`. Errors: rejected when another process has it (the text names
  /// its process id), denied, exhausted, invalid_input (a newer schema, not a ledger).
  static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& folder);
  /// For `status`, `report` and `verify`: reads while a run may be writing.
  static Result<std::unique_ptr<Ledger>> open_read_only(const std::filesystem::path& folder);
  ~Ledger();  ///< commits what is queued

  /// Counts a crash for every video that an earlier run left in flight, and returns their paths.
  Result<std::vector<std::string>> begin_run(const std::string& run_id);
  void end_run();

  Result<std::optional<KnownVideo>> find(const std::filesystem::path& path) const;
  /// True when another path owns this key.
  bool is_key_taken(const std::string& key, const std::filesystem::path& by_other_than) const;

  /// `alone`: nothing else is in flight. Forgets what was known of an earlier version of this file.
  void mark_in_flight(const VideoFile& file, bool alone, Done done);
  /// The run stops before this video ended: as if it had never begun.
  void release(const VideoFile& file, Done done);
  void record_analyzed(AnalyzedVideo video, Done done);
  void record_quarantined(const VideoFile& file, QuarantineReason reason, Done done);
  /// A new call stage, or one whose configuration changed, on a video whose analysis stands.
  void replace_uploads(const std::filesystem::path& path, std::vector<UploadClaim> claims,
                       Done done);
  /// The item has arrived. The last one makes its video `done`.
  void record_uploaded(std::int64_t upload_id, const std::string& location, std::uint64_t bytes,
                       Done done);
  /// The item cannot arrive, ever: the video goes to quarantine with the reason; its results stay.
  void record_upload_refused(std::int64_t upload_id, QuarantineReason reason, Done done);
  /// One more failed attempt, for the record; the item stays pending.
  void record_upload_attempt(std::int64_t upload_id, const std::string& message);
  /// Waits until everything queued so far is on disk; the first error since the last flush.
  Status flush();

  /// Pending uploads with id > after, oldest first.
  Result<std::vector<PendingUpload>> pending_uploads(std::int64_t after, int limit) const;

  struct Counts {
    std::int64_t in_flight = 0, uploads_pending = 0, done = 0, quarantined = 0;
    std::int64_t pending_objects = 0, uploaded_objects = 0, uploaded_bytes = 0;
  };
  Result<Counts> counts() const;

  struct Entry {
    std::string path, key, status, results_sha256;
    VideoState state = VideoState::in_flight;
    std::uint64_t bytes = 0;
    std::int64_t frames = 0;
    QuarantineReason reason;
    std::vector<std::string> artifacts;
  };
  /// Calls `visit` for every video, by key.
  Status for_each(const std::function<void(const Entry&)>& visit) const;

  /// For `retry`: takes videos out of quarantine (all, or one class), so that the next run does
  /// them again. Returns how many.
  Result<std::int64_t> forget_quarantined(const std::string& failure_class);

 private:
  struct State;
  explicit Ledger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace reelmill
