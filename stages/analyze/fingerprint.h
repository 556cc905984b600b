// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fingerprint/fingerprint.h"
#include "stages/api/options.h"
#include "stages/api/video_stage.h"

namespace reelmill {

struct FingerprintOptions {
  Duration every = std::chrono::milliseconds(500);
  bool sound = true;
};

OptionTable<FingerprintOptions> fingerprint_options();

/// The picture part of a fingerprint: a pure function of the timeline, upright after `rotation`.
/// With `every` longer than a slot, of the first frame of each such interval alone.
Result<Fingerprint> fingerprint_pictures(const Timeline& timeline, int rotation, Duration every);

/// Writes `fingerprint.bin`: what identifies the video by its looks and its sound, for `reelmill
/// duplicates`. docs/duplicates.md has method and layout.
class FingerprintStage final : public VideoStage {
 public:
  explicit FingerprintStage(const FingerprintOptions& options) : options_(options) {}
  Result<Findings> process(const VideoRecord& video, ArtifactWriter& artifacts) const override;

 private:
  FingerprintOptions options_;
};

}  // namespace reelmill
