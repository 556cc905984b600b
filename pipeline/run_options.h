// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "pipeline/source.h"

namespace reelmill {

/// When a video is cut into segments: when workers would otherwise be idle, always, never. Results
/// are the same.
enum class SplitMode { automatic, always, never };

/// What a run is asked to do, beyond its configuration.
struct RunOptions {
  SourceOptions source;
  std::filesystem::path output;  ///< OUT
  std::filesystem::path state;   ///< where the ledger lives; empty = OUT
  int workers = 0;               ///< 0 = as many as this process may use cores
  std::int64_t limit = 0;        ///< at most so many videos are processed; 0 = all
  SplitMode split = SplitMode::automatic;
  std::optional<Duration> segment_length;     ///< instead of the configuration's
  std::optional<Clock::time_point> deadline;  ///< stop then, resumable
  Duration stop_grace =
      std::chrono::seconds(2);  ///< what is in flight at a stop may take so long to finish
};

}  // namespace reelmill
