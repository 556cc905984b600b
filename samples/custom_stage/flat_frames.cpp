// SPDX-License-Identifier: Apache-2.0
// A detector of one's own: stretches in which the picture is a single flat colour.
//
// A detector is a pure function from the timeline (what was measured of each frame) to findings.
// It is never asked to decode anything, so changing its options costs no second pass.
#include "stages/api/observer.h"
#include "stages/api/registry.h"

namespace {

struct FlatFramesOptions {
  double max_deviation = 2.0;
  reelmill::Duration min_duration = std::chrono::milliseconds(500);
};

// One table parses the YAML, checks it, and writes the documentation.
reelmill::OptionTable<FlatFramesOptions> flat_frames_options() {
  return reelmill::OptionTable<FlatFramesOptions>()
      .add("max_deviation", &FlatFramesOptions::max_deviation,
           "a frame is flat up to this standard deviation of its luma, in levels",
           reelmill::Range{0, 128})
      .add("min_duration", &FlatFramesOptions::min_duration, "shortest stretch of time reported",
           reelmill::Range{0, 3600});
}

class FlatFrames final : public reelmill::Detector {
 public:
  explicit FlatFrames(const FlatFramesOptions& options) : options_(options) {}

  reelmill::Result<reelmill::Findings> detect(const reelmill::Timeline& timeline) const override {
    std::vector<reelmill::Interval> flat;
    std::optional<double> since_s;
    const auto end_stretch = [&](double at_s) {
      if (since_s && at_s - *since_s >= reelmill::to_seconds(options_.min_duration))
        flat.push_back({*since_s, at_s});
      since_s.reset();
    };
    auto frames = timeline.read();
    while (const auto* frame = frames.next()) {
      const double at_s = timeline.seconds(frame->pts);
      if (frame->features.deviation > options_.max_deviation)
        end_stretch(at_s);
      else if (!since_s)
        since_s = at_s;
    }
    REELMILL_TRY(frames.status());
    end_stretch(timeline.end_s());

    reelmill::Findings findings;
    findings.set_intervals("flat_frames", flat);
    return findings;
  }

 private:
  FlatFramesOptions options_;
};

reelmill::StageDefinition flat_frames_stage() {
  return reelmill::define_stage<FlatFramesOptions>(
      {.name = "flat_frames",
       .version = 1,  // raise it when results change: finished videos run again
       .summary = "stretches in which the picture is a single flat colour",
       .kind = reelmill::StageKind::frames},
      flat_frames_options(), [](const FlatFramesOptions& options, const reelmill::StageContext&) {
        reelmill::StageParts parts;
        parts.needs.frames = reelmill::DecoderNeeds::Frames::all;
        parts.detector = std::make_shared<FlatFrames>(options);
        return parts;
      });
}

}  // namespace

// What reelmill looks for in a plugin. It adds its stages only to a program with the stage API that
// it was built for, and says which one that is.
extern "C" int reelmill_plugin(reelmill::Registry& registry, int api_version) {
  if (api_version == reelmill::kApiVersion && !registry.add(flat_frames_stage())) return 0;
  return reelmill::kApiVersion;
}
