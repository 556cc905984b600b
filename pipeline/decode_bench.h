// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pipeline/report.h"
#include "stages/api/frame_source.h"

namespace reelmill {

/// What pure decoding took: the same streams that a run reads, decoded once and dropped, by the
/// same number of workers.
struct DecodeBench {
  double wall_s = 0, decode_cpu_s = 0;
  int workers = 0;
  std::int64_t videos = 0, failed = 0, frames = 0;
  double media_s = 0;
  std::uint64_t bytes = 0;
};

/// Decodes every video, sound included, on `workers` threads: the machine's limit on these files.
DecodeBench bench_decoding(const FrameSource& source, const std::vector<VideoFile>& videos,
                           int workers);

}  // namespace reelmill
