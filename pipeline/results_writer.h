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

  /// Errors: internal when `name` is no relative file name or was written before; else as
  /// FileBatch::add.
  Status write(std::string_view name, std::span<const std::uint8_t> bytes) override;
  /// Everything is on disk when this returns, and nothing of an earlier analysis is left.
  Result<WrittenVideo> commit(const VideoResults& results);

 private:
  Status remove_stale() const;

  DurableFolders& output_;
  const std::string key_, folder_;
  FileBatch batch_;
  std::mutex mutex_;
  std::vector<WrittenFile> artifacts_;
};

/// Removes what an earlier analysis left of a video that now ends without results. On disk when
/// this returns, so call it before the ledger hears of the end.
Status remove_results(const std::filesystem::path& output_folder, std::string_view key);

}  // namespace reelmill
