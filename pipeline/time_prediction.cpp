// SPDX-License-Identifier: Apache-2.0
#include "pipeline/time_prediction.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/units.h"

namespace reelmill {
namespace {

struct CodecCost {
  std::string_view codec;
  double s_per_megapixel, s_per_megabyte;
};

constexpr CodecCost kUsual{"", 1.0e-3, 0.06};
constexpr std::array kCosts = {
    CodecCost{"h264", 1.2e-3, 0.088},      CodecCost{"hevc", 2.0e-3, 0.088},
    CodecCost{"vp8", 0.8e-3, 0.088},       CodecCost{"mpeg4", 0.6e-3, 0.07},
    CodecCost{"mpeg2video", 0.6e-3, 0.04}, CodecCost{"svq3", 0.6e-3, 0.025}};
constexpr double kAnalysisShare = 1.08;   // of decoding, for features and detectors
constexpr double kSoundSecond_s = 0.004;  // to decode a second of stereo sound and hear it
constexpr double kFile_s = 0.0025;        // to open a file, and to write down what was found
constexpr double kFrameAgain_s = 6e-6;    // to read a stored frame and search it once more
constexpr double kLeastFrameBytes = 32;   // with what the container adds
constexpr double kLeastSoundBytes = 500;  // of a second: speech codecs begin at some 4 kbit/s
constexpr double kKeyFrame = 4;           // of an average frame's cost
constexpr double kUsualRate = 25;         // frames a second, where it is not known
constexpr double kHighestRate = 300;      // some containers claim 1000: that is their unit of time
// Part of a video that is decoded around its changes, in cost: 0.1 to 1 was seen. Headers do not
// tell how many changes there are, nor does the number of key frames: groups of 50 frames took
// 0.12 to 1 of the whole.
constexpr double kShareAroundChanges = 0.45;

CodecCost cost_of(std::string_view codec) {
  const auto found = std::find_if(kCosts.begin(), kCosts.end(),
                                  [&](const CodecCost& cost) { return cost.codec == codec; });
  return found == kCosts.end() ? kUsual : *found;
}

double decoded_share(const ScanPlan& plan, double duration_s, double frames) {
  switch (plan.reading) {
    case Reading::in_full:
      return 1;
    case Reading::around_changes:
      return kShareAroundChanges;
    case Reading::skipping:
    case Reading::seeking:
      break;
  }
  const double slots = duration_s / std::max(1e-3, to_seconds(plan.needs.interval));
  return std::min(1.0, kKeyFrame * slots / std::max(1.0, frames));
}

}  // namespace

double predicted_work_s(const ScanPlan& plan) {
  const double duration_s = std::clamp(plan.duration_s, 0.0, kLongestClaim_s);
  if (duration_s <= 0) return 0;
  double work_s = kFile_s;
  if (plan.video_stream && plan.needs.frames != DecoderNeeds::Frames::none) {
    const auto& stream = plan.media.streams[static_cast<std::size_t>(*plan.video_stream)];
    const double claimed = stream.frame_rate.value();
    const double rate = claimed > 0 && claimed <= kHighestRate ? claimed : kUsualRate;
    const double frames =
        std::min(duration_s * rate, static_cast<double>(plan.file.bytes) / kLeastFrameBytes);
    const double megapixels = frames * stream.width * stream.height * 1e-6;
    const auto cost = cost_of(stream.codec);
    const double whole = cost.s_per_megapixel * megapixels +
                         cost.s_per_megabyte * static_cast<double>(plan.file.bytes) * 1e-6;
    work_s += kAnalysisShare * whole * decoded_share(plan, duration_s, frames);
  }
  if (plan.audio_stream && plan.needs.audio)
    work_s += kSoundSecond_s *
              std::min(duration_s, static_cast<double>(plan.file.bytes) / kLeastSoundBytes);
  return work_s;
}

double predicted_rerun_s(std::int64_t frames, double sound_s) {
  return kFile_s + kFrameAgain_s * static_cast<double>(frames) + kSoundSecond_s * sound_s;
}

double predicted_wall_s(const std::vector<VideoWork>& videos, int cores) {
  double sum_s = 0, longest_s = 0;
  for (const auto& [work_s, pieces] : videos) {
    sum_s += work_s;
    longest_s = std::max(longest_s, work_s / std::clamp(pieces, 1, cores));
  }
  return std::max(sum_s / cores, longest_s);
}

}  // namespace reelmill
