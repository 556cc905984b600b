// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "stages/analyze/luma_samples.h"
#include "stages/analyze/sampled_frames.h"
#include "stages/api/observer.h"
#include "stages/api/options.h"

namespace reelmill {

struct CropOptions {
  double level = 24;
};

OptionTable<CropOptions> crop_options();

/// Samples [left, right) × [top, bottom) of a frame.
struct CropRectangle {
  int left = 0, top = 0, right = 0, bottom = 0;
  friend bool operator==(const CropRectangle&, const CropRectangle&) = default;
};

/// The same part of a width × height frame once it is turned upright: `rotation` degrees clockwise,
/// a multiple of 90.
CropRectangle turned(const CropRectangle& part, int width, int height, int rotation);

/// The part of a frame inside outer rows and columns whose mean is at or below `level` (0 to 255 on
/// the nominal scale); nothing where all of it is.
std::optional<CropRectangle> lit_part(const LumaSamples& luma, double level);

/// Finds the bars of letterbox, pillarbox or both, from one frame a second: what stays black in all
/// frames, to the sample; the principle and the default level of FFmpeg's cropdetect. Reports the
/// rectangle inside, on the upright picture, `null` for a video that is black throughout. A change
/// of the frame's size makes it tell of the first size only, with a warning that names the frame.
class CropObserver final : public FrameObserver {
 public:
  explicit CropObserver(const CropOptions& options) : options_(options) {}
  void observe(const FrameView& frame) override;
  void merge(FrameObserver& next, std::int64_t frame_offset) override;
  Findings finish() override;

 private:
  struct Size {
    int width = 0, height = 0;
    friend bool operator==(const Size&, const Size&) = default;
  };
  struct Seen {
    std::int64_t frame = 0;
    double time_s = 0;
    Size size;
  };
  void see(const Seen& seen);

  struct Sample {
    Size size;  ///< upright, as is `lit`
    std::optional<CropRectangle> lit;
  };
  CropOptions options_;
  SampledFrames<Sample> samples_{1.0};
  std::optional<Seen> first_, changed_;  ///< the first frame, the first one of another size
};

}  // namespace reelmill
