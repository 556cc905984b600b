// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/interlacing.h"

#include <cmath>

#include "stages/api/registry.h"

namespace reelmill {
namespace {

constexpr int kBlockWide = 16, kBlockHigh = 32;
constexpr int kEvery = 64;  // columns from block to block
// A block is combed when neighbouring lines differ by so much more than lines of one field, and by
// so many codes a sample that noise cannot do it.
constexpr int kTimes = 2;
constexpr int kLeastCodes = 12;
// A frame is combed when this share of its blocks is: a small thing may move.
constexpr double kCombedFrame = 0.01;

}  // namespace

OptionTable<InterlacingOptions> interlacing_options() {
  return OptionTable<InterlacingOptions>().add(
      "share", &InterlacingOptions::share,
      "a video is interlaced when this share of its frames has combs (0 to 1)", Range{0.01, 1});
}

double combed_share(const LumaSamples& luma) {
  int blocks = 0, combed = 0;
  for (int top = 2; top + kBlockHigh + 2 <= luma.height(); top += kBlockHigh) {
    for (int left = 0; left + kBlockWide <= luma.width(); left += kEvery) {
      const auto sums = luma.row_differences<kBlockWide, kBlockHigh>(left, top);
      ++blocks;
      if (sums.of_neighbours > kTimes * sums.of_field &&
          sums.of_neighbours > kLeastCodes * kBlockWide * kBlockHigh)
        ++combed;
    }
  }
  return blocks == 0 ? 0 : static_cast<double>(combed) / blocks;
}

void InterlacingObserver::observe(const FrameView& view) {
  samples_.offer(view, [&] {
    Frame frame = view.frame.share();
    return Sample{combed_share(LumaSamples(frame.luma())) >= kCombedFrame, frame.is_interlaced()};
  });
}

void InterlacingObserver::merge(FrameObserver& next, std::int64_t /*frame_offset*/) {
  samples_.append(dynamic_cast<InterlacingObserver&>(next).samples_);
}

Findings InterlacingObserver::finish() {
  Findings findings;
  const auto& samples = samples_.list();
  if (samples.empty()) {
    findings.set("interlacing", nullptr);
    return findings;
  }
  double combed = 0, flagged = 0;
  for (const auto& [slot, is_key, sample] : samples) {
    combed += sample.is_combed ? 1 : 0;
    flagged += sample.is_flagged ? 1 : 0;
  }
  const auto count = static_cast<double>(samples.size());
  const auto rounded = [](double share) { return std::round(share * 1000) / 1000; };
  findings.set("interlacing", Json{{"is_interlaced", combed / count >= options_.share},
                                   {"combed_share", rounded(combed / count)},
                                   {"flagged_share", rounded(flagged / count)}});
  return findings;
}

namespace {

const RegisterStage registered{define_stage<InterlacingOptions>(
    {.name = "interlacing",
     .version = 1,
     .summary = "Interlacing: whether moving parts show the combs of two fields, and what the "
                "stream claims",
     .kind = StageKind::frames},
    interlacing_options(), [](const InterlacingOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = DecoderNeeds::Frames::every_interval;
      parts.needs.interval = std::chrono::seconds(1);
      parts.make_frame_observer = [options] {
        return std::make_unique<InterlacingObserver>(options);
      };
      return parts;
    })};

}  // namespace
}  // namespace reelmill
