// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/api/options.h"
#include "stages/api/video_stage.h"

namespace reelmill {

struct ThumbnailsOptions {
  int width = 320;
  int quality = 85;
  int max = 200;
};

OptionTable<ThumbnailsOptions> thumbnails_options();

/// Writes one JPEG a shot, `shot-0001.jpg` for the first: the best of the candidates that
/// ShotCandidates kept inside the shot, or, where it kept none, the frame with the best score by
/// the timeline, decoded once more. Never larger than the video. With more than `max` shots, `max`
/// of them at equal distances.
class ThumbnailsStage final : public VideoStage {
 public:
  explicit ThumbnailsStage(const ThumbnailsOptions& options) : options_(options) {}
  Result<Findings> process(const VideoRecord& video, ArtifactWriter& artifacts) const override;

 private:
  ThumbnailsOptions options_;
};

}  // namespace reelmill
