// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/durable_folders.h"
#include "base/file_batch.h"
#include "base/result.h"
#include "pipeline/ledger.h"
#include "pipeline/results_json.h"
#include "stages/api/video_stage.h"

namespace reelmill {

/// What was written for one video, for the ledger and for uploads.
struct WrittenVideo {
  WrittenFile results;
  std::vector<WrittenFile> artifacts;  ///< by name
};

/// Writes all that the output folder holds of one video: its artifacts under temporary names as the
/// stages make them, and at the end, together with the results file, under their own. Does not tell
/// the ledger; that comes after. Destroyed before `commit`, it leaves nothing. `write` is
/// thread-safe; `commit` comes after all of it, once.
class ResultsWriter final : public ArtifactWriter {
 public:
  /// `output` outlives this; its root is the output folder.
  ResultsWriter(DurableFolders& output, std::string key);

  /// What is written from now on belongs to the stage of this id.
  void begin_stage(std::string id);
  /// Errors: internal when `name` is no relative file name or was written before; else as
  /// FileBatch::add.
  Status write(std::string_view name, std::span<const std::uint8_t> bytes) override;
  /// An artifact of an earlier analysis stays. Errors: not_found when it is not there as it was
  /// recorded; internal as for `write`.
  Status adopt(const WrittenFile& artifact);
  /// What was written and adopted so far, in that order.
  std::vector<WrittenFile> artifacts() const;
  /// Everything is on disk when this returns, and nothing of an earlier analysis is left.
  /// `stored`: an encoded StoredAnalysis (analysis_store.h) to keep beside the results, if any. It
  /// gets its name last, so that it never speaks of files that are not there.
  Result<WrittenVideo> commit(const VideoResults& results,
                              const std::optional<std::string>& stored = {});

 private:
  Status add_artifact(WrittenFile artifact);
  std::string stage() const;
  Status remove_stale() const;

  DurableFolders& output_;
  const std::string key_, folder_;
  FileBatch batch_;
  mutable std::mutex mutex_;
  std::vector<WrittenFile> artifacts_;
  std::string stage_;
};

/// Removes what an earlier analysis left of a video that now ends without results. On disk when
/// this returns, so call it before the ledger hears of the end.
Status remove_results(const std::filesystem::path& output_folder, std::string_view key);

}  // namespace reelmill
