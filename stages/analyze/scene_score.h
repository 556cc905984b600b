// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "media/frame.h"
#include "stages/api/observer.h"
#include "stages/api/video_stage.h"

namespace reelmill {

/// Sum of absolute differences of the samples of two planes of one size and bit depth.
std::uint64_t sum_of_differences(const LumaView& a, const LumaView& b) noexcept;

/// FFmpeg's scene score of each frame (libavfilter/f_select.c, `select=gt(scene,x)`): with m the
/// mean absolute difference of a luma sample from the frame before, in 8-bit codes, and m' that of
/// the frame before, min(m, |m - m'|) / 100, at most 1. Where the size changes, 0. Keeps 4 bytes a
/// frame and a reference to one of the decoder's buffers. What it says of a frame depends on the
/// two before, so the file is not split. Used by one thread.
class SceneScores final : public FrameObserver {
 public:
  void observe(const FrameView& view) override;
  void end_of_scan() override { before_ = Frame(); }
  std::string save() const override;
  /// One with the scores of the saved one; nullptr for bytes that save() did not write.
  static std::unique_ptr<SceneScores> restore(std::string_view saved);
  const std::vector<float>& scores() const { return scores_; }

 private:
  Frame before_;
  double difference_before_ = 0;
  std::vector<float> scores_;
};

/// Begins a shot at each frame whose score is above the threshold (0 to 1), as that filter would.
class SceneShots final : public VideoStage {
 public:
  explicit SceneShots(double threshold) : threshold_(threshold) {}
  Result<Findings> process(const VideoRecord& video, ArtifactWriter& artifacts) const override;

 private:
  double threshold_;
};

}  // namespace reelmill
