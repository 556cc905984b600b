// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/admission.h"
#include "pipeline/crash_marker.h"
#include "pipeline/run_context.h"
#include "pipeline/storage_retry.h"
#include "pipeline/video_job.h"

namespace reelmill {

/// What becomes of a listed video in this run.
enum class Decision {
  skip,  ///< done, and nothing about it has changed
  stays_quarantined,
  upload,  ///< its results stand, only calls are out of date or pending
  process,
  process_alone,  ///< it was in flight when earlier runs died
  crashed         ///< it brought the process down on its own
};

/// The decision from what the ledger knows. Pure.
Decision decide(const VideoFile& file, const std::optional<KnownVideo>& known,
                const PipelineSpec& spec, LastEnd last_end);

/// Takes out of the listing what is gone but was done by an earlier run: its results stay. A note
/// in the listing says how many.
Status leave_out_gone(SourceListing& listing, const Ledger& ledger);

/// Walks the listing: asks the ledger about each video, waits for room, marks it in flight and
/// hands it over. Runs on a thread of its own.
class Feeder {
 public:
  using Start = std::function<void(std::shared_ptr<VideoJob>)>;

  Feeder(RunContext& context, Admission& admission, StorageRetry& storage, LastEnd last_end,
         Start start);

  /// Returns when every video was handed over, or the run stops.
  void run(const std::vector<VideoFile>& videos);

 private:
  struct Wanted {
    const VideoFile* listed;  ///< not copied: archives have millions
    std::string key;          ///< where it is not the listed one
    Decision decision;
    VideoFile file() const;
  };
  std::vector<Wanted> choose(const std::vector<VideoFile>& videos);
  bool admit(const VideoFile& file, InFlight company);
  void refresh_uploads(const VideoFile& file, const KnownVideo& known);
  void quarantine_crashed(const VideoFile& file);

  RunContext& context_;
  Admission& admission_;
  StorageRetry& storage_;
  const LastEnd last_end_;
  const Start start_;
};

}  // namespace reelmill
