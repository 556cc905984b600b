// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace reelmill {

/// What a run has done so far, for progress and report. Thread-safe.
struct RunCounters {
  std::atomic<std::int64_t> found{0}, done{0}, partial{0}, skipped{0}, quarantined{0}, pending{0};
  std::atomic<std::int64_t> released{0};
  std::atomic<std::int64_t> unreadable_folders{0};  ///< of the inputs: what is in them is not known
  std::atomic<std::int64_t> reanalyzed{0};          ///< of those done, from timelines
  std::atomic<std::int64_t> frames{0};              ///< kept, of videos under way too
  std::atomic<std::int64_t> media_ms{0};
  std::atomic<std::int64_t> read_in_full{0};  ///< of those done, though stages could do with less
  std::atomic<std::uint64_t> bytes_found{0};  ///< of videos that this run has to process
  std::atomic<std::uint64_t> bytes_done{0};
  std::atomic<std::uint64_t> objects_uploaded{0}, bytes_uploaded{0};
  std::atomic<std::int64_t> decode_cpu_ns{0}, waste_cpu_ns{0};
};

}  // namespace reelmill
