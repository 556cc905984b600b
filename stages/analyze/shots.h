// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

enum class ShotMethod { adaptive, ffmpeg_scene };
enum class ShotMode { full, fast };

struct ShotsOptions {
  ShotMethod method = ShotMethod::adaptive;
  ShotMode mode = ShotMode::full;
  double threshold = 0.4;
  double ratio = 3;
  double min_change = 6;
  Duration flash = std::chrono::milliseconds(250);
  Duration min_shot = std::chrono::milliseconds(200);
  bool fades = true;
  bool dissolves = true;
};

OptionTable<ShotsOptions> shots_options();

/// Divides a video into shots that follow each other without a gap. Knows hard cuts; fades through
/// black or white, whose boundary is the middle of the blank stretch; dissolves and wipes, whose
/// boundary is their own middle. Blank frames at the very start or end belong to the shot beside
/// them.
class ShotsDetector final : public Detector {
 public:
  explicit ShotsDetector(const ShotsOptions& options) : options_(options) {}
  Result<Findings> detect(const Timeline& timeline) const override;

 private:
  ShotsOptions options_;
};

}  // namespace reelmill
