// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/api/options.h"
#include "stages/api/video_stage.h"

namespace reelmill {

struct ProbeOptions {
  double duration_tolerance = 0.5;
};

OptionTable<ProbeOptions> probe_options();

/// States what the headers say beyond the results' own `video` block (bit rate, claimed duration,
/// and per stream frame rate, rotation, pixel format, language, claimed frames), and warns of
/// claims that do not hold. Needs no frame.
class ProbeStage final : public VideoStage {
 public:
  explicit ProbeStage(const ProbeOptions& options) : options_(options) {}
  Result<Findings> process(const VideoRecord& video, ArtifactWriter& artifacts) const override;

 private:
  ProbeOptions options_;
};

}  // namespace reelmill
